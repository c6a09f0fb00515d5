/** Buffers for reading files, used again and again: fresh ones of this size cost more in page faults than the read itself. */
const SIZE = (1 << 20) + (64 << 10);
const MOST_KEPT = 32;
const kept: Buffer[] = [];

/** A buffer with whatever was in it before; give it back. */
export function takeBuffer(): Buffer {
  return kept.pop() ?? Buffer.allocUnsafeSlow(SIZE);
}

/** Gives a buffer back; nobody may use it afterwards. */
export function giveBuffer(buffer: Buffer): void {
  if (kept.length < MOST_KEPT && buffer.length === SIZE && !kept.includes(buffer)) kept.push(buffer);
}

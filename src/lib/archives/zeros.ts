const ZEROS = Buffer.alloc(64 << 10);

/** Whether all bytes from `start` to `end` are zero; true for none. */
export function allZero(bytes: Buffer, start: number, end: number = bytes.length): boolean {
  for (let at = start; at < end; at += ZEROS.length) {
    const length = Math.min(ZEROS.length, end - at);
    if (ZEROS.compare(bytes, at, at + length, 0, length) !== 0) return false;
  }
  return true;
}

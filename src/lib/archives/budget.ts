import { type ArchiveBounds, ArchiveRefused } from "./archive.ts";

/** What is left for one archive and everything nested in it; readers count real members and real bytes down. */
export interface ArchiveBudget {
  entries: number;
  bytes: number;
  /** Bytes of one content that may be held as a whole. */
  readonly held: number;
  /** What it means when `bytes` are spent. */
  readonly spent: "bomb" | "too-large";
  readonly pathLength: number;
}

/** A fresh budget for an archive of `packedBytes` bytes: the smaller of the absolute bound and the one by ratio. */
export function openBudget(bounds: ArchiveBounds, packedBytes: number): ArchiveBudget {
  const byRatio = Math.max(bounds.ratioFrom, packedBytes * bounds.ratio);
  return {
    entries: bounds.entries,
    bytes: Math.min(bounds.unpackedBytes, byRatio),
    held: bounds.heldBytes ?? bounds.unpackedBytes,
    spent: byRatio < bounds.unpackedBytes ? "bomb" : "too-large",
    pathLength: bounds.pathLength,
  };
}

/** Counts `count` members; throws `too-many`. */
export function spendEntries(budget: ArchiveBudget, count: number): void {
  if (count > budget.entries) throw new ArchiveRefused("too-many", "The archive has more members than the limit");
  budget.entries -= count;
}

/** Counts unpacked bytes; throws `bomb` or `too-large`. */
export function spendBytes(budget: ArchiveBudget, count: number, path?: string): void {
  if (count > budget.bytes) throw overspent(budget, path);
  budget.bytes -= count;
}

/** The refusal for a content that is larger than may be held as a whole. */
export function unheld(path?: string): ArchiveRefused {
  return new ArchiveRefused("too-large", "It unpacks to more than is held in memory", path);
}

/** The refusal for more unpacked bytes than `budget` has left. */
export function overspent(budget: ArchiveBudget, path?: string): ArchiveRefused {
  const says =
    budget.spent === "bomb"
      ? "The archive unpacks to far more than its size allows (archive bomb)"
      : "The archive unpacks to more than the limit";
  return new ArchiveRefused(budget.spent, says, path);
}

import { ArchiveRefused, type LargeMember } from "./archive.ts";
import { unheld } from "./budget.ts";
import { openPassage } from "./passage.ts";
import { TAR_BLOCK, type TarHeader } from "./tar-header.ts";

/** Reads a tar in order: yields how many of its next bytes it takes at most, and gets some of them, or none where the tar ends. */
export type Reading<T> = Generator<number, T, Buffer>;

/** Decides which members of a tar that comes in parts are passed over instead of held. */
export interface Passing {
  /** Bytes that are held of each; members with no more are held wholly. */
  readonly head: number;
  /** What looks at the file of this path, which begins with `head`, as it passes; `undefined` when it has to be held. */
  over(path: string, head: Buffer): Looking | undefined;
}

/** What looks at one member that passes. */
export interface Looking {
  look(part: Buffer): void;
  /** Gets what is known of the member once all of it has passed. */
  done(member: LargeMember): void;
}

/** How the contents of a tar that comes in parts are held. */
export interface Holding {
  readonly passing: Passing;
  /** Bytes that may still be held. */
  left: number;
}

/** What a tar's file holds. */
export interface TarContent {
  readonly bytes: Buffer;
  readonly large?: LargeMember;
}

/** The next `length` bytes, to be read at once; fewer only where the tar ends. */
export function* gather(length: number): Reading<Buffer> {
  const first = yield* share(length);
  return first.length === length ? first : yield* fill(length, first);
}

/**
 * The content of the file `header` is of, and the padding behind it. Without `holding` it shares memory with the tar, which must come in
 * one part. Throws `truncated` where the tar ends before, `too-large` when there is no room to hold it.
 */
export function* readContent(header: TarHeader, path: string, holding: Holding | undefined): Reading<TarContent> {
  const { size } = header;
  const content = holding === undefined ? { bytes: yield* share(size) } : yield* copyContent(header, path, holding);
  if (content.bytes.length < size && content.large === undefined) throw endsWithin(header);
  yield* skip(paddingOf(size), header);
  return content;
}

/** The refusal of a tar that ends within what `header` announces. */
export function endsWithin({ name }: TarHeader): ArchiveRefused {
  return new ArchiveRefused("truncated", "The tar ends within a member", name);
}

/** Bytes that fill the last block of `size` bytes. */
export function paddingOf(size: number): number {
  return -size & (TAR_BLOCK - 1);
}

/** Passes over `length` bytes. Throws `truncated` where the tar ends before. */
export function* skip(length: number, header: TarHeader, look?: (part: Buffer) => void): Reading<void> {
  for (let left = length; left > 0; ) {
    const part = yield left;
    if (part.length === 0) throw endsWithin(header);
    look?.(part);
    left -= part.length;
  }
}

const NOTHING = Buffer.alloc(0);

function* share(length: number): Reading<Buffer> {
  return length === 0 ? NOTHING : yield length;
}

function* copyContent(header: TarHeader, path: string, holding: Holding): Reading<TarContent> {
  const { passing } = holding;
  const { size } = header;
  if (size <= passing.head) return { bytes: yield* hold(size, NOTHING, header, holding) };
  const head = yield* hold(passing.head, NOTHING, header, holding);
  if (head.length < passing.head) throw endsWithin(header);
  const looking = passing.over(path, head);
  if (looking === undefined) {
    holding.left += head.length;
    return { bytes: yield* hold(size, head, header, holding) };
  }
  const passage = openPassage(0);
  const look = (part: Buffer) => {
    passage.take(part);
    looking.look(part);
  };
  look(head);
  yield* skip(size - head.length, header, look);
  const large = { ...passage.close(), head };
  looking.done(large);
  return { bytes: head, large };
}

/** A copy of `size` bytes that begin with `first`, which is refused only once it is known that they are there. */
function* hold(size: number, first: Buffer, header: TarHeader, holding: Holding): Reading<Buffer> {
  if (size > holding.left) {
    yield* skip(size - first.length, header);
    yield* skip(paddingOf(size), header);
    throw unheld(header.name);
  }
  holding.left -= size;
  return yield* fill(size, first);
}

function* fill(length: number, first: Buffer): Reading<Buffer> {
  const whole = Buffer.allocUnsafe(length);
  let filled = first.copy(whole);
  while (filled < length) {
    const part = yield length - filled;
    if (part.length === 0) break;
    filled += part.copy(whole, filled);
  }
  return whole.subarray(0, filled);
}

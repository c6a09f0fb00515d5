/** Archives that tools may read differently, for differential tests. */
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { tarOf, zipOf } from "./archives.ts";

/** Other ways to write a number or a checksum, most of which some tools do not read: where in a header, what, and whether its sum is right. */
const LIES: readonly (readonly [at: number, text: string, summed: boolean])[] = [
  [124, "\x80\0\0\0\0\0\0\0\0\0\0\x03", true],
  [124, "\x80\0\0\0\0\0\0\0\0\0\x02\0", true],
  [124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", true],
  [124, "        1000", true],
  [124, "0x3\0", true],
  [124, "+3\0", true],
  [108, "\x80\0\0\0\0\0\0\x01", true],
  [136, "\xff\0\0\0\0\0\0\0\0\0\0\0", true],
  [148, "0000000\0", false],
  [148, "        ", false],
  [0, "\0", true],
];

const NAME = fc.constantFrom("a", "a/b", "a/c.py", "x/../y", "./a", "a//b", "A", "é", "d/", "long/".repeat(25) + "x");
const CONTENT = fc.string({ maxLength: 30 });
const SECOND = zipOf([{ path: "second", bytes: "second", store: true }]);
const rarely = <T>(...values: T[]) =>
  fc.oneof({ weight: 25, arbitrary: fc.constant(undefined) }, fc.constantFrom(...values));

/** Extra fields of a zip's member: a second name, two of them, numbers of zip64, one that is cut off. */
const EXTRAS = [
  unicodePath("other"),
  unicodePath("a"),
  Buffer.concat([unicodePath("a"), unicodePath("other")]),
  extraField(1, Buffer.alloc(8, 3)),
  extraField(1, Buffer.alloc(16)),
  extraField(0x5455, Buffer.from([1, 0, 0, 0, 0])),
  Buffer.from([0x75, 0x70, 40, 0, 1]),
  Buffer.from([0, 0, 0]),
];

function unicodePath(name: string): Buffer {
  const sum = Buffer.alloc(5, 1);
  sum.writeUInt32LE(crc32("a"), 1);
  return extraField(0x7075, Buffer.concat([sum, Buffer.from(name)]));
}

function extraField(id: number, content: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(content.length, 2);
  return Buffer.concat([head, content]);
}

/** Zips some of whose members or end records lie. */
export const ZIPS = fc
  .tuple(
    fc.array(
      fc.record({
        path: NAME,
        bytes: fc.oneof({ weight: 6, arbitrary: CONTENT }, fc.constant(SECOND)),
        store: fc.boolean(),
        descriptor: fc.constantFrom(undefined, undefined, "signed" as const, "bare" as const, "wide" as const),
        localPath: rarely("other"),
        hidden: rarely(true),
        extra: rarely(...EXTRAS),
        localExtra: rarely(...EXTRAS),
        gap: rarely(Buffer.from("gap"), SECOND),
        localSize: rarely(3, 0xffffffff),
        size: rarely(3, 0),
        crc: rarely(0),
        method: rarely(0, 8, 9),
        localMethod: rarely(0, 8),
        flags: rarely(0, 1, 0x800, 0x2000),
        mode: rarely(0o100644, 0o120777, 0o40755),
      }),
      { maxLength: 4 },
    ),
    fc.record({
      prefix: rarely(Buffer.from("prefix"), SECOND),
      suffix: rarely(Buffer.from("suffix"), SECOND),
      comment: rarely(Buffer.from("comment"), SECOND),
      zip64: rarely(true),
      count: rarely(0, 1),
      zip64Count: rarely(1),
      directorySize: rarely(0, 46),
      directoryOffset: rarely(0),
    }),
  )
  .map(([members, options]) => zipOf(members.map(given) as Parameters<typeof zipOf>[0], given(options)));

/** Without what was left out. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** Tars of all kinds of members. */
export const TARS = tarsOf("0", "0", "0", "\0", "5", "2", "1", "7");

/** Archives of members of these types, in the notations that tar has had, some of them with a lie in a header. */
export function tarsOf(...types: string[]): fc.Arbitrary<Buffer> {
  const inner = tarOf([{ path: "hidden", bytes: "hidden" }], Buffer.alloc(0));
  const members = fc.array(
    fc.record({
      path: NAME,
      bytes: fc.oneof({ weight: 4, arbitrary: CONTENT }, fc.constantFrom(inner, Buffer.alloc(512))),
      type: fc.constantFrom(...types),
      linkName: fc.oneof({ weight: 12, arbitrary: fc.constant("") }, fc.constantFrom("a", "c.py", "a/b")),
      prefix: fc.constantFrom("", "", "p"),
      magic: fc.constantFrom("ustar\x0000", "ustar  \0", ""),
      pax: fc.constantFrom(undefined, undefined, { path: "pax/name" }, { size: "3" }, { comment: "x" }),
      long: rarely(["L", "long/name\0"], ["K", "a\0"], ["L", "cut"]),
    }),
    { maxLength: 4 },
  );
  const lies = fc.option(fc.tuple(fc.nat(3), fc.constantFrom(...LIES)));
  return fc.tuple(members, lies, fc.constantFrom(0, 512, 1024, 1024, 2000)).map(([list, lie, end]) => {
    const tar = tarOf(list.flatMap(withLongName) as Parameters<typeof tarOf>[0], Buffer.alloc(end));
    if (lie !== null) lieIn(tar, ...lie);
    return tar;
  });
}

function withLongName({ long, ...member }: { readonly long: readonly string[] | undefined }): object[] {
  return long === undefined ? [member] : [{ path: "././@LongLink", type: long[0], bytes: long[1] }, member];
}

/** Changes one header; what follows it stays where it is. */
function lieIn(tar: Buffer, member: number, [at, text, summed]: (typeof LIES)[number]): void {
  const start = Math.min(member * 1024, Math.max(0, tar.length - 512));
  if (tar.length < start + 512 || tar[start] === 0) return;
  tar.write(text, start + at, "latin1");
  if (!summed) return;
  tar.fill(" ", start + 148, start + 156);
  const sum = tar.subarray(start, start + 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, start + 148, "latin1");
}

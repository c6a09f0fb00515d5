/** Archives built in memory, honest and lying, so that no binary fixture is kept. */
import { createHash } from "node:crypto";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";

/** Path → content; an iterable of pairs where one path must occur twice. */
export type Files = Readonly<Record<string, string | Buffer>> | Iterable<readonly [string, string | Buffer]>;

/** One member of a zip; what is not given is honest. */
export interface ZipMember {
  readonly path: string | Buffer;
  readonly bytes: string | Buffer;
  readonly store?: boolean;
  readonly method?: number;
  readonly flags?: number;
  /** Unix mode with type bits. */
  readonly mode?: number;
  /** Sizes and checksum behind the data: with signature, without it, or with 64-bit sizes. */
  readonly descriptor?: "signed" | "bare" | "wide";
  readonly extra?: Buffer;
  readonly localExtra?: Buffer;
  readonly packed?: Buffer;
  /** Lies: what the headers say instead. `local…` is said in the local header only. */
  readonly crc?: number;
  readonly size?: number;
  readonly localPath?: string;
  readonly localSize?: number;
  readonly localMethod?: number;
  readonly offset?: number;
  /** Bytes between this member and the next. */
  readonly gap?: Buffer;
  /** Leave it out of the directory. */
  readonly hidden?: boolean;
}

/** What the container says; what is not given is honest. */
export interface ZipOptions {
  readonly store?: boolean;
  readonly prefix?: Buffer;
  readonly suffix?: Buffer;
  readonly comment?: Buffer;
  readonly zip64?: boolean;
  /** Lies of the end record. */
  readonly count?: number;
  readonly directorySize?: number;
  readonly directoryOffset?: number;
  readonly zip64Count?: number;
}

/** A zip of `files`, deflated unless `options.store`. */
export function zip(files: Files, options: ZipOptions = {}): Buffer {
  return zipOf(
    pairs(files).map(([path, bytes]) => ({ path, bytes, store: options.store ?? false })),
    options,
  );
}

/** A zip of members that may lie. */
export function zipOf(members: readonly ZipMember[], options: ZipOptions = {}): Buffer {
  const parts: Buffer[] = [options.prefix ?? Buffer.alloc(0)];
  const records: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    const { local, record } = zipMember(member, at);
    parts.push(local);
    if (!member.hidden) records.push(record);
    at += local.length;
  }
  const directory = Buffer.concat(records);
  const end = zipEnd(records.length, directory.length, at, options);
  return Buffer.concat([...parts, directory, end, options.suffix ?? Buffer.alloc(0)]);
}

function zipMember(member: ZipMember, at: number): { local: Buffer; record: Buffer } {
  const bytes = Buffer.from(member.bytes as string);
  const path = Buffer.from(member.path as string);
  const packed = member.packed ?? (member.store ? bytes : deflateRawSync(bytes));
  const crc = member.crc ?? crc32(bytes);
  const size = member.size ?? bytes.length;
  const ascii = !path.some((byte) => byte > 0x7f);
  const flags = (member.flags ?? (ascii ? 0 : 0x800)) | (member.descriptor ? 8 : 0);
  const method = member.method ?? (member.store ? 0 : 8);
  const head = (put: Head) => {
    const block = Buffer.alloc(26);
    block.writeUInt16LE(20, 0);
    block.writeUInt16LE(flags, 2);
    block.writeUInt16LE(put.method, 4);
    block.writeUInt32LE(put.crc, 10);
    block.writeUInt32LE(put.packed, 14);
    block.writeUInt32LE(put.size, 18);
    block.writeUInt16LE(put.path.length, 22);
    block.writeUInt16LE(put.extra.length, 24);
    return block;
  };
  const localPath = member.localPath === undefined ? path : Buffer.from(member.localPath);
  const localExtra = member.localExtra ?? Buffer.alloc(0);
  const numbers = member.descriptor ? { crc: 0, packed: 0, size: 0 } : { crc, packed: packed.length, size };
  const local = Buffer.concat([
    Buffer.from("PK\x03\x04", "latin1"),
    head({
      ...numbers,
      size: member.localSize ?? numbers.size,
      method: member.localMethod ?? method,
      path: localPath,
      extra: localExtra,
    }),
    localPath,
    localExtra,
    packed,
    descriptor(member, crc, packed.length, size),
    member.gap ?? Buffer.alloc(0),
  ]);
  const extra = member.extra ?? Buffer.alloc(0);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(((member.mode ?? 0) << 16) >>> 0, 6);
  tail.writeUInt32LE(member.offset ?? at, 10);
  const record = Buffer.concat([
    Buffer.from("PK\x01\x02\x14\x03", "latin1"),
    head({ method, crc, packed: packed.length, size, path, extra }),
    tail,
    path,
    extra,
  ]);
  return { local, record };
}

interface Head {
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly path: Buffer;
  readonly extra: Buffer;
}

function descriptor(member: ZipMember, crc: number, packed: number, size: number): Buffer {
  if (member.descriptor === undefined) return Buffer.alloc(0);
  const wide = member.descriptor === "wide";
  const block = Buffer.alloc(wide ? 24 : 16);
  block.write("PK\x07\x08", "latin1");
  block.writeUInt32LE(crc, 4);
  block.writeUInt32LE(packed, 8);
  block.writeUInt32LE(size, wide ? 16 : 12);
  return member.descriptor === "bare" ? block.subarray(4) : block;
}

function zipEnd(count: number, size: number, offset: number, options: ZipOptions): Buffer {
  const comment = options.comment ?? Buffer.alloc(0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  const said = options.zip64 ? 0xffff : (options.count ?? count);
  end.writeUInt16LE(said & 0xffff, 8);
  end.writeUInt16LE(said & 0xffff, 10);
  end.writeUInt32LE(options.zip64 ? 0xffffffff : (options.directorySize ?? size), 12);
  end.writeUInt32LE(options.zip64 ? 0xffffffff : (options.directoryOffset ?? offset), 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([
    options.zip64 ? zip64End(options.zip64Count ?? count, size, offset) : end.subarray(0, 0),
    end,
    comment,
  ]);
}

function zip64End(count: number, size: number, offset: number): Buffer {
  const block = Buffer.alloc(76);
  block.write("PK\x06\x06", "latin1");
  block.writeUInt32LE(44, 4);
  block.writeUInt32LE(count, 24);
  block.writeUInt32LE(count, 32);
  block.writeUInt32LE(size, 40);
  block.writeUInt32LE(offset, 48);
  block.write("PK\x06\x07", 56, "latin1");
  block.writeUInt32LE(offset + size, 64);
  block.writeUInt32LE(1, 72);
  return block;
}

/** One member of a tar; what is not given is honest. */
export interface TarMember {
  readonly path: string;
  readonly bytes?: string | Buffer;
  readonly mode?: number;
  /** Type flag; default `0`, a file. */
  readonly type?: string;
  readonly linkName?: string;
  /** Records of a pax header before it. */
  readonly pax?: Readonly<Record<string, string>>;
  /** A pax header as it is, before it. */
  readonly rawPax?: Buffer;
  readonly prefix?: string;
  readonly magic?: string;
  /** Lies. */
  readonly size?: number;
  readonly checksum?: number;
}

/** A tar of members that may lie, closed by two empty blocks unless `end` says otherwise. */
export function tarOf(members: readonly TarMember[], end: Buffer = Buffer.alloc(1024)): Buffer {
  return Buffer.concat([...members.flatMap(tarMember), end]);
}

/** An uncompressed tar of `files`. */
export function tar(files: Files): Buffer {
  return tarOf(pairs(files).map(([path, bytes]) => ({ path, bytes })));
}

/** A tar.gz of `files`. */
export function tarGz(files: Files): Buffer {
  return gzipSync(tar(files));
}

function tarMember(member: TarMember): Buffer[] {
  const bytes = Buffer.from((member.bytes ?? "") as string);
  const pax = member.rawPax ?? (member.pax === undefined ? undefined : paxRecords(member.pax));
  const before = pax === undefined ? [] : tarMember({ path: "PaxHeader", bytes: pax, type: "x" });
  const long = Buffer.byteLength(member.path) > 100 && member.pax?.["path"] === undefined;
  const longName = long ? tarMember({ path: "././@LongLink", bytes: `${member.path}\0`, type: "L" }) : [];
  return [...before, ...longName, tarHeader(member, bytes.length), bytes, Buffer.alloc(-bytes.length & 511)];
}

function tarHeader(member: TarMember, length: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(member.path, 0, 100);
  block.write(octal(member.mode ?? 0o644, 8), 100);
  block.write(octal(0, 8) + octal(0, 8), 108);
  block.write(octal(member.size ?? length, 12) + octal(499162500, 12), 124);
  block.write(`        ${member.type ?? "0"}`, 148);
  block.write(member.linkName ?? "", 157, 100);
  block.write(member.magic ?? "ustar\x0000", 257);
  block.write(member.prefix ?? "", 345, 155);
  const sum = member.checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)} `, 148);
  return block;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}

/** The records of a pax header. */
export function paxRecords(records: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + 1;
    while (String(length).length + rest !== length) length++;
    return `${length} ${key}=${value}\n`;
  });
  return Buffer.from(lines.join(""));
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly files?: Files;
}

/** A wheel with METADATA, WHEEL and a RECORD that is right unless given. */
export function wheel(options: Package & { readonly metadata?: string; readonly record?: string }): Buffer {
  const { name, version } = options;
  const info = `${name.replace(/[-.]+/g, "_")}-${version}.dist-info`;
  const metadata = options.metadata ?? `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`;
  const members: (readonly [string, string | Buffer])[] = [
    ...pairs(options.files ?? {}),
    [`${info}/METADATA`, metadata],
    [`${info}/WHEEL`, "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"],
  ];
  const lines = members.map(([path, bytes]) => `${path},sha256=${sha256(bytes)},${Buffer.byteLength(bytes)}`);
  return zip([...members, [`${info}/RECORD`, options.record ?? [...lines, `${info}/RECORD,,`, ""].join("\n")]]);
}

function sha256(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("base64url");
}

/** An sdist in a folder `name-version` with PKG-INFO; `files` are below that folder. */
export function sdist(options: Package & { readonly metadata?: string; readonly folder?: string }): Buffer {
  const { name, version } = options;
  const metadata = options.metadata ?? `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`;
  return below(options.folder ?? `${name}-${version}`, [["PKG-INFO", metadata], ...pairs(options.files ?? {})]);
}

/** An npm tarball; `manifest` is merged into package.json. */
export function npmTarball(options: Package & { readonly manifest?: object; readonly folder?: string }): Buffer {
  const manifest = { name: options.name, version: options.version, ...options.manifest };
  const document = JSON.stringify(manifest, undefined, 2);
  return below(options.folder ?? "package", [["package.json", document], ...pairs(options.files ?? {})]);
}

function below(folder: string, files: readonly (readonly [string, string | Buffer])[]): Buffer {
  return tarGz(files.map(([path, bytes]) => [`${folder}/${path}`, bytes] as const));
}

/** A nupkg with a .nuspec and the parts that NuGet writes. */
export function nupkg(options: Package & { readonly nuspec?: string; readonly store?: boolean }): Buffer {
  const { name, version } = options;
  const nuspec =
    options.nuspec ??
    `<?xml version="1.0"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>
<id>${name}</id><version>${version}</version><authors>test</authors><description>test</description>
</metadata></package>`;
  return zip(
    [
      ["_rels/.rels", `<?xml version="1.0"?><Relationships/>`],
      [`${name}.nuspec`, nuspec],
      ...pairs(options.files ?? {}),
      ["[Content_Types].xml", `<?xml version="1.0"?><Types/>`],
    ],
    { store: options.store ?? false },
  );
}

function pairs(files: Files): (readonly [string, string | Buffer])[] {
  return Symbol.iterator in files ? [...files] : Object.entries(files);
}

import type { FileKind } from "./model.ts";

/** Bytes at the start that tell text from binary. */
const SAMPLE = 4096;

/**
 * What a file holds. Bytes that no interpreter would take for a script (programs, archives) decide first; then names that
 * interpreters go by, because a picture's first bytes are also a valid script's; then other content; then the name.
 */
export function kindOf(path: string, bytes: Buffer): FileKind {
  const loaded = loadedKind(bytes);
  if (loaded !== undefined) return loaded;
  const extension = extensionOf(path);
  const byName = KIND_BY_EXTENSION.get(extension);
  if (byName !== undefined && CODE.has(byName)) return byName;
  const magic = mediaKind(bytes);
  if (magic !== undefined) return magic;
  if (isBinary(bytes)) return "binary";
  const head = headOf(bytes);
  const told = shebangKind(head) ?? markupKind(head, extension);
  return told ?? (byName === "markdown" ? byName : (scriptKind(head) ?? byName ?? "text"));
}

/** The part of the path that says how it is loaded: `.js` of `a/b.min.js`; `` when there is none. */
function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}

const CODE: ReadonlySet<FileKind> = new Set([
  "python",
  "javascript",
  "typescript",
  "powershell",
  "shell",
  "batch",
  "pth",
]);

const EXTENSIONS: Readonly<Partial<Record<FileKind, string>>> = {
  python: "py pyw pyi pyx pxd wsgi",
  javascript: "js mjs cjs jsx es6 es wsf",
  typescript: "ts mts cts tsx",
  powershell: "ps1 psm1 psd1",
  shell: "sh bash zsh ksh fish command",
  batch: "bat cmd",
  pth: "pth",
  msbuild: "targets props csproj vbproj fsproj proj tasks",
  nuspec: "nuspec",
  xml: "xml config resx xaml svg xsd xslt rels plist psmdcp wxs manifest",
  json: "json json5 jsonc ipynb map webmanifest code-workspace",
  toml: "toml",
  ini: "ini cfg conf npmrc pypirc editorconfig properties desktop service",
  yaml: "yaml yml",
  gyp: "gyp gypi",
  markdown: "md markdown mdx mdc rst",
  html: "html htm xhtml hta vue svelte",
  pyc: "pyc pyo",
};

const KIND_BY_EXTENSION: ReadonlyMap<string, FileKind> = new Map(
  Object.entries(EXTENSIONS).flatMap(([kind, list]) =>
    list.split(" ").map((word) => [word, kind as FileKind] as const),
  ),
);

/** Programs and archives: nothing reads these bytes as text, whatever the name. */
function loadedKind(bytes: Buffer): FileKind | undefined {
  if (bytes.length < 4) return undefined;
  const word = bytes.readUInt32BE(0);
  if (word === 0x7f454c46) return "executable"; // ELF
  if (word >>> 16 === 0x4d5a) return portableExecutable(bytes);
  if (MACH_O.has(word)) return "executable";
  if (word === 0xcafebabe && bytes.length > 8 && bytes.readUInt32BE(4) < 0x2d) return "executable"; // fat Mach-O, not Java
  if (word === 0x504b0304 || word === 0x504b0506 || word >>> 16 === 0x1f8b) return "archive";
  if (OTHER_ARCHIVES.has(word) || word >>> 8 === 0x425a68) return "archive";
  if (bytes.length > 262 && bytes.toString("latin1", 257, 262) === "ustar") return "archive";
  return isPyc(bytes) ? "pyc" : undefined;
}

const MACH_O: ReadonlySet<number> = new Set([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe]);
/** xz, 7z, zstd, rar, cab, lz4. */
const OTHER_ARCHIVES: ReadonlySet<number> = new Set([
  0xfd377a58, 0x377abcaf, 0x28b52ffd, 0x52617221, 0x4d534346, 0x04224d18,
]);

/** `MZ` alone could begin a text, so the PE header must be there; a CLI header in its directory makes it a .NET assembly. */
function portableExecutable(bytes: Buffer): FileKind | undefined {
  if (bytes.length < 64) return undefined;
  const header = bytes.readUInt32LE(60);
  if (header + 26 > bytes.length || bytes.readUInt32BE(header) !== 0x50450000) return undefined;
  const optional = header + 24;
  const cli = optional + (bytes.readUInt16LE(optional) === 0x20b ? 224 : 208);
  return cli + 8 <= bytes.length && bytes.readUInt32LE(cli) !== 0 ? "dotnet" : "executable";
}

/** Python 2.7's and 3.0 to 3.25's magic numbers, always followed by CR LF. */
function isPyc(bytes: Buffer): boolean {
  if (bytes.length < 16 || bytes[2] !== 0x0d || bytes[3] !== 0x0a) return false;
  const version = bytes.readUInt16LE(0);
  return (version >= 3000 && version < 4000) || (version >= 62000 && version < 62300);
}

function mediaKind(bytes: Buffer): FileKind | undefined {
  const head = bytes.toString("latin1", 0, 12);
  const image =
    /^(?:\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|\x00\x00\x01\x00)/.test(head) ||
    /^RIFF[\s\S]{4}WEBP/.test(head) ||
    isBitmap(bytes);
  if (image) return "image";
  return /^(?:\x00asm|\xca\xfe\xba\xbe|OggS|ID3|wOF[F2]|\x00\x01\x00\x00|%PDF-)/.test(head) ? "binary" : undefined;
}

function isBitmap(bytes: Buffer): boolean {
  return bytes.length > 26 && bytes[0] === 0x42 && bytes[1] === 0x4d && bytes.readUInt32LE(2) === bytes.length;
}

function isBinary(bytes: Buffer): boolean {
  const marked = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return !marked && bytes.subarray(0, SAMPLE).includes(0);
}

function headOf(bytes: Buffer): string {
  const head = bytes.subarray(0, SAMPLE);
  if (head[0] === 0xff && head[1] === 0xfe) return head.toString("utf16le", 2);
  return head.toString("latin1", head[0] === 0xef && head[1] === 0xbb ? 3 : 0);
}

function shebangKind(head: string): FileKind | undefined {
  if (!head.startsWith("#!")) return undefined;
  const line = head.slice(2, 200).split("\n", 1)[0] ?? "";
  if (/python|pypy/.test(line)) return "python";
  if (/\b(?:node|nodejs|bun|deno)\b/.test(line)) return "javascript";
  if (/pwsh|powershell/.test(line)) return "powershell";
  return /\b(?:ba|z|k|da|a|fi)?sh\b/.test(line) ? "shell" : undefined;
}

/** XML whose root element or name says that a build tool or a browser reads it. */
function markupKind(head: string, extension: string): FileKind | undefined {
  const start = head.trimStart();
  if (!start.startsWith("<")) return undefined;
  if (/^<!doctype html|^<html/i.test(start)) return "html";
  const byName = KIND_BY_EXTENSION.get(extension);
  if (byName === "msbuild" || byName === "nuspec" || byName === "html" || byName === "markdown") return byName;
  if (/<Project[\s>]/.test(start)) return "msbuild";
  return start.startsWith("<?xml") ? "xml" : byName;
}

const PYTHON_START =
  /^(?:import [\w.]+|from [\w.]+ import |def \w+\(|class \w+.{0,200}:$|exec\(|async def |if __name__)/;
const JAVASCRIPT_START =
  /^(?:["']use strict["']|(?:const|let|var) [\w${[]|(?:async )?function[ *(].{0,300}\{|import [\w{*"']|export |module\.exports|require\(|\(?\(?(?:async )?(?:function|\(\) ?=>)|!function)/;

/** For texts whose name says nothing: code when their first line that is no comment is code. Names are the attacker's choice. */
function scriptKind(head: string): FileKind | undefined {
  for (const line of head.split("\n", 40)) {
    const text = line.trimEnd();
    if (text === "" || text.startsWith("#") || text.startsWith("//")) continue;
    if (/^import [\w.]+(?: as \w+)?(?:, ?[\w.]+)*$|^from [\w.]+ import /.test(text)) return "python";
    if (JAVASCRIPT_START.test(text)) return "javascript";
    return PYTHON_START.test(text) ? "python" : undefined;
  }
  return undefined;
}

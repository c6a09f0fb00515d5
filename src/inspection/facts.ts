import { crc32 } from "node:zlib";
import { isMember } from "./detectors/_sight.ts";
import { fingerprintOf } from "./fingerprint/fingerprint.ts";
import type { FileFact, FileKind, InspectionFacts, Phase, ReleaseTree, SourceFile } from "./model.ts";
import { PHASES } from "./words.ts";

/** URLs kept of one artifact. */
const MOST_URLS = 500;
/** Files over this many bytes are searched in their first part only: data files of many megabytes hold no program. */
const SEARCHED_BYTES = 4 << 20;
const BEFORE_URL = /\b(?:https?|ftp|wss?)$/i;
const BEHIND_SCHEME = /^[^\s"'`<>\\)\]}|^]{4,500}/;
/** Characters that the two patterns look at. */
const SCHEME_LENGTH = 6;
const URL_LENGTH = 500;

/** What later assessments need of the tree without unpacking it again; bounded. */
export function factsOf(tree: ReleaseTree): InspectionFacts {
  const members = tree.files.filter(isMember);
  const { manifest } = tree;
  const code = members.filter(isCompared);
  const { urls, hosts } = addressesOf(tree.files);
  const metadata = tree.form === "wheel" && manifest ? tree.file(manifest.path) : undefined;
  return {
    form: tree.form,
    ecosystem: tree.ecosystem,
    ...(manifest === undefined ? {} : { name: manifest.name, version: manifest.version }),
    hooks: manifest?.hooks ?? {},
    dependencies: manifest?.dependencies ?? {},
    urls,
    files: members.length,
    unpackedBytes: members.reduce((sum, file) => sum + file.size, 0),
    fingerprint: fingerprintOf(tree, urls),
    code: earliest(code).map(fileFact),
    codeComplete: code.length <= MOST_CODE,
    hosts,
    ...(metadata && { metadataDigest: `sha256:${metadata.sha256}` }),
  };
}

/** Files kept for comparison. */
const MOST_CODE = 1_000;
/** Longer paths are no place to compare by. */
const LONGEST_PLACE = 300;
const COMPARED: ReadonlySet<FileKind> = new Set<FileKind>([
  "python",
  "javascript",
  "typescript",
  "powershell",
  "shell",
  "batch",
  "msbuild",
  "gyp",
  "pth",
  "executable",
  "dotnet",
  "pyc",
]);

function isCompared({ kind, place }: SourceFile): boolean {
  return COMPARED.has(kind) && !place.endsWith(".d.ts") && place.length <= LONGEST_PLACE;
}

/** Those that run early first; in the order of the release otherwise. */
function earliest(files: readonly SourceFile[]): readonly SourceFile[] {
  if (files.length <= MOST_CODE) return files;
  return files.toSorted((a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase)).slice(0, MOST_CODE);
}

function fileFact(file: SourceFile): FileFact {
  const { place, bytes, size, kind, phase } = file;
  const isTold = EARLY.has(phase) || kind === "python" || size > bytes.length;
  const digest = isTold ? file.sha256.slice(0, 16) : checksum(bytes);
  return { place, digest, size, kind, phase, ...(isDense(bytes, kind) && { dense: true }) };
}

/** Code that nobody calls runs from these; there a checksum that can be forged would be no comparison. Of the rest, which is most, reading is to stay cheap. */
const EARLY: ReadonlySet<Phase> = new Set<Phase>(["install", "start", "import"]);

function checksum(bytes: Buffer): string {
  return `${crc32(bytes).toString(16).padStart(8, "0")}${(bytes.length % 2 ** 32).toString(16).padStart(8, "0")}`;
}

/** Bytes of a line that nobody writes, and how far into the file such a line is looked for. */
const LONG_LINE = 2_000;
const LOOKED_FOR_LINES = 32_000;
const BINARY: ReadonlySet<FileKind> = new Set<FileKind>(["executable", "dotnet", "pyc"]);

function isDense(bytes: Buffer, kind: FileKind): boolean {
  if (BINARY.has(kind)) return false;
  const end = Math.min(bytes.length, LOOKED_FOR_LINES);
  for (let at = 0; at + LONG_LINE < end; ) {
    const newline = bytes.lastIndexOf(10, at + LONG_LINE);
    if (newline < at) return true;
    at = newline + 1;
  }
  return false;
}

const MOST_HOSTS = 300;
const HOST = /^[a-z]{2,5}:\/\/(?:[^/?#@]{0,100}@)?([\w.-]{1,253})/i;

/** Addresses in code and manifests, decoded layers first because what is hidden matters most, then in the order of the files; hosts of code alone. */
function addressesOf(files: readonly SourceFile[]): {
  readonly urls: readonly string[];
  readonly hosts: readonly string[];
} {
  const urls = new Set<string>();
  const hosts = new Set<string>();
  const layers = files.filter((file) => !isMember(file));
  for (const file of [...layers, ...files.filter(isMember)]) {
    if (!mayHoldUrls(file)) continue;
    const runs = file.phase !== "none" && COMPARED.has(file.kind);
    const bytes = file.bytes.subarray(0, SEARCHED_BYTES);
    for (const address of addressesIn(bytes)) {
      urls.add(address.replace(/[.,;:!?]+$/, ""));
      const host = runs && hosts.size < MOST_HOSTS ? HOST.exec(address)?.[1] : undefined;
      if (host !== undefined) hosts.add(host.toLowerCase());
      if (urls.size >= MOST_URLS) return { urls: [...urls], hosts: [...hosts] };
    }
  }
  return { urls: [...urls], hosts: [...hosts] };
}

/** Only where `://` stands: text is made of the few bytes around it, because most files are large and name no address. */
function* addressesIn(bytes: Buffer): Iterable<string> {
  let free = 0;
  for (let at = bytes.indexOf("://"); at >= 0; at = bytes.indexOf("://", Math.max(free, at + 1))) {
    const scheme = BEFORE_URL.exec(bytes.toString("latin1", Math.max(0, at - SCHEME_LENGTH), at))?.[0];
    if (scheme === undefined || at - scheme.length < free) continue;
    const rest = BEHIND_SCHEME.exec(bytes.toString("latin1", at + 3, Math.min(bytes.length, at + 3 + URL_LENGTH)))?.[0];
    if (rest === undefined) continue;
    free = at + 3 + rest.length;
    yield `${scheme}://${rest}`;
  }
}

const SILENT = new Set(["image", "binary", "archive", "markdown", "html"]);

function mayHoldUrls(file: SourceFile): boolean {
  return !SILENT.has(file.kind) && file.bytes.includes("://");
}

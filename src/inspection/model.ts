import type { EcosystemId, Finding, Phase, Verdict } from "../catalog/model.ts";
import type { Packed } from "../lib/archives/packed.ts";
import type { Fingerprint } from "./fingerprint/fingerprint.ts";
import type { LargeMembers } from "./large-members.ts";
import type { Hits } from "./prefilter.ts";

export type { Phase } from "../catalog/model.ts";

/**
 * What inspection works on and what it produces. Everything here is plain data: unpack, detectors and judge are pure and
 * open no file, socket or database (docs/architecture.md, "Something is judged").
 */

/** What a file holds, told from its bytes first and its name second. */
export type FileKind =
  | "python"
  | "javascript"
  | "typescript"
  | "powershell"
  | "shell"
  | "batch"
  | "msbuild"
  | "nuspec"
  | "xml"
  | "json"
  | "toml"
  | "ini"
  | "yaml"
  | "gyp"
  | "markdown"
  | "html"
  | "pth"
  | "executable" // PE, ELF, Mach-O
  | "dotnet" // PE with a CLI header
  | "pyc"
  | "archive" // nested; its members are files of their own
  | "image"
  | "text"
  | "binary";

/** One member of an artifact, or of an archive inside it. */
export interface SourceFile {
  /** Path inside the archive; members of a nested archive are `outer.zip!/inner.py`. */
  readonly path: string;
  /** Its path as installing sees it, which does not change from release to release (layout.ts); that of its member for a layer. */
  readonly place: string;
  /** The content; of a program or picture that is too large to be held (`size` tells) its first MiB. */
  readonly bytes: Buffer;
  /** Bytes of the whole content. */
  readonly size: number;
  /** SHA-256 of the whole content, lower-case hex, made on first use. */
  readonly sha256: string;
  readonly kind: FileKind;
  readonly phase: Phase;
  /** It is there for those who develop the project, and nothing that installing or importing runs names its folder. */
  readonly apart?: boolean;
  /** What installing runs loads it only by way of several others: what is in functions that its top level does not call counts as called. */
  readonly isFar?: boolean;
  /** Names by which a setup script may call into a Python file that it imports; absent where nobody knows who calls. */
  readonly calledAs?: ReadonlySet<string>;
  /** Decodings between the member and this text; absent for members themselves. A decoded layer has the path and phase of its member. */
  readonly layer?: number;
  /** Where a decoded layer comes from; absent for members. */
  readonly origin?: LayerOrigin;
  /** The bytes as text (UTF-8, UTF-16 by byte order mark, else latin1), made on first use. */
  readonly text: string;
  /** Whether any detector literal with this text occurs in the file, ASCII case-insensitive: the prefilter's answer, one pass per file. */
  has(literal: string): boolean;
  /** The whole answer of the prefilter, for those who ask for many literals. */
  readonly hits: Hits;
  /** What of it only texts hold that the file puts together. */
  readonly composed?: Hits;
  /**
   * Lexical tokens for python, javascript, typescript, powershell, shell and batch; empty for other kinds and for files over
   * `limits.lexedBytes`, of which `unread` says so.
   */
  readonly tokens: Tokens;
  /** Why not all of it was looked into although something asked for it; known once it was asked. The release is not clean then. */
  readonly unread?: string;
  /** One-based line of a text offset. */
  lineAt(offset: number): number;
}

/** The place of one decoded layer in its release. */
export interface LayerOrigin {
  /** Counted from 1 over all layers of the release. */
  readonly number: number;
  /** Number of the layer it was found in; absent when that is the member itself. */
  readonly parent?: number;
  /** One-based line in the text it was found in. */
  readonly line: number;
  /** How it was made (`b64decode, decompress`), where the code around it executes it and no line of it stands there as it is. */
  readonly executedAfter?: string;
  /** It is the program around it itself, written plainly. */
  readonly isPlain?: true;
  /** One-based line of an offset in the layer's own text; `lineAt` says the member's line. */
  ownLineAt(offset: number): number;
}

/** What a token is; `error` is what no rule of the language reads. */
export type TokenKind =
  | "name"
  | "string"
  | "number"
  | "operator"
  | "newline"
  | "indent"
  | "dedent"
  | "template"
  | "regex"
  | "error";

/** Lexical tokens of one file, without comments and blanks, as parallel arrays so that millions cost little. */
export interface Tokens {
  readonly length: number;
  kind(index: number): TokenKind;
  /** Offset of the token's first character in the file's text. */
  start(index: number): number;
  end(index: number): number;
  /** There are more tokens than are kept: the last one is not the last of the text. */
  readonly isCut?: boolean;
  /** The token as written. */
  text(index: number): string;
  /** A string token's value with escapes resolved (adjacent literals are separate tokens); the text for others. */
  value(index: number): string;
}

/** The metadata inside the artifact, normalised across ecosystems. */
export interface Manifest {
  /** Path of the file it was read from: METADATA, PKG-INFO, package.json, *.nuspec. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** Commands that installing runs, by hook name: npm scripts, `setup.py`, `build-backend`, `init.ps1`, `build/x.targets`. */
  readonly hooks: Readonly<Record<string, string>>;
  /** Dependency name → requirement as written, install-time and optional ones included. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly homepage?: string;
  readonly repository?: string;
  readonly authors: readonly string[];
  readonly description?: string;
  /** The parsed document itself (package.json object, METADATA headers, nuspec tree) for rules that need more. */
  readonly raw: unknown;
}

/** One artifact, unpacked and read. What detectors see. */
export interface ReleaseTree {
  readonly ecosystem: EcosystemId | "unknown";
  readonly form: "sdist" | "wheel" | "npm" | "nupkg" | "other";
  /** What the artifact is called, when known. */
  readonly filename: string;
  readonly manifest: Manifest | undefined;
  /** Every manifest that the artifact carries (sdist: PKG-INFO of several levels; npm: package.json and npm-shrinkwrap), first = `manifest`. */
  readonly manifests: readonly Manifest[];
  /** Members first, then what was decoded from them (`layer` set), so that every rule sees hidden code as well. */
  readonly files: readonly SourceFile[];
  /** The member at `path`, never a decoded layer. */
  file(path: string): SourceFile | undefined;
  /** Oddities of the container that are allowed but worth saying. */
  readonly remarks: readonly Remark[];
  /** What runs or decides what runs and could not be read, beside what `SourceFile.unread` says: the release is not clean then. */
  readonly unread?: readonly Remark[];
}

/** Something about the container or a member that is no finding but worth saying. */
export interface Remark {
  readonly path: string;
  readonly says: string;
}

/** What a detector reports; the runner adds the detector's id and its severity unless the finding overrides it. */
export interface Sighting {
  readonly path: string;
  readonly line?: number | null;
  readonly says: string;
  readonly severity?: Finding["severity"];
  readonly layer?: number;
  readonly inside?: Finding["inside"];
  readonly column?: number;
  /** When what was seen runs, where that is not the phase of the file: a hook in a manifest runs at install. */
  readonly phase?: Phase;
  /** Share of the detector's points that this sighting is worth, 0 to 1; 1 when absent. */
  readonly share?: number;
}

/** A request to inspect one artifact. */
export interface InspectionRequest {
  readonly bytes: Buffer | Packed;
  /** What passing over its large members found; absent when all are to be held in memory. */
  readonly large?: LargeMembers;
  readonly filename: string;
  /** Known when it came through a feed; guessed from the content otherwise. */
  readonly ecosystem?: EcosystemId;
  /** Asks for what a person needs to see beside the findings. */
  readonly review?: ReviewRequest;
}

/** What a review shall hold beside tree, excerpts and layers. */
export interface ReviewRequest {
  /** Places of text files whose whole text is wanted, to compare it with another release. */
  readonly texts?: readonly string[];
}

/** Facts that later assessments need without unpacking again. Bounded: see judge and policy for the users. */
export interface InspectionFacts {
  readonly form: ReleaseTree["form"];
  readonly ecosystem: ReleaseTree["ecosystem"];
  readonly name?: string;
  readonly version?: string;
  readonly hooks: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  /** URLs and bare host names found in code and manifests, at most 500, for matching against block lists without inspecting again. */
  readonly urls: readonly string[];
  readonly files: number;
  readonly unpackedBytes: number;
  /** Code, build files and programs, those that run early first; at most 1,000. Absent in what older engines recorded, as are the next ones. */
  readonly code?: readonly FileFact[];
  /** Whether `code` holds all there are. */
  readonly codeComplete?: boolean;
  /** Host names in addresses that code holds, decoded layers included; at most 300. */
  readonly hosts?: readonly string[];
  /** `sha256:` digest of a wheel's METADATA. */
  readonly metadataDigest?: string;
  /** What the release is recognised by under another name. */
  readonly fingerprint?: Fingerprint;
}

/** One file as another release's is compared with it. */
export interface FileFact {
  /** Path as installing sees it. */
  readonly place: string;
  /** First 16 hex digits of its sha256; of code that only runs when called, in other languages than Python, a checksum and the size. */
  readonly digest: string;
  readonly size: number;
  readonly kind: FileKind;
  readonly phase: Phase;
  /** It has a line of more than 2,000 bytes near its beginning: minified, packed or encoded. */
  readonly dense?: boolean;
}

/** The result of inspecting one artifact's bytes: belongs to (sha256, `engine`). */
export interface Inspection {
  readonly sha256: string;
  /** `engine version+hash of the rule set`, e.g. `1+3f9a0c2d`. */
  readonly engine: string;
  readonly findings: readonly Finding[];
  readonly facts: InspectionFacts | undefined;
  /** Judged from the findings alone, without knowledge of feeds, names or predecessors. */
  readonly verdict: Verdict;
  /** Milliseconds that unpacking, detectors and judge took. */
  readonly ms: number;
  /** Present when the request asked for it and the artifact could be unpacked. */
  readonly review?: Review;
  /** The METADATA of a wheel, base64 (core-metadata.ts). */
  readonly coreMetadata?: string;
}

/** What a person looks at to agree or disagree with a verdict. Bounded; every text is the package's own, cut but not made safe. */
export interface Review {
  readonly files: readonly ReviewedFile[];
  /** Members that are not listed. */
  readonly omittedFiles: number;
  readonly layers: readonly ReviewedLayer[];
  readonly omittedLayers: number;
  /** In the order of path, layer and line. */
  readonly excerpts: readonly Excerpt[];
  /** Excerpts that were left out because there was no room. */
  readonly omittedExcerpts: number;
  readonly manifest?: ReviewedManifest;
  readonly remarks: readonly Remark[];
  /** Text of the files that were asked for, by place. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** One file of the tree. */
export interface ReviewedFile {
  readonly path: string;
  readonly place: string;
  readonly size: number;
  readonly kind: FileKind;
  readonly phase: Phase;
}

/** One decoded layer, with the beginning of its text. */
export interface ReviewedLayer {
  readonly number: number;
  readonly parent?: number;
  readonly path: string;
  /** Line in the text it was found in. */
  readonly line: number;
  readonly depth: number;
  readonly kind: FileKind;
  /** Characters in all. */
  readonly size: number;
  readonly text: string;
}

/** A part of one line. */
export interface Excerpt {
  readonly path: string;
  /** Number of the layer whose line it is; absent for the member's own lines. */
  readonly layer?: number;
  readonly line: number;
  /** Characters of the line before `text` and after it. */
  readonly before: number;
  readonly text: string;
  readonly after: number;
}

/** What the manifest says that decides what installing and importing run. */
export interface ReviewedManifest {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly homepage?: string;
  readonly repository?: string;
  readonly authors: readonly string[];
  readonly hooks: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  /** Commands and modules that users of the package run or load: npm's main and bin, Python's entry points, NuGet's build files. */
  readonly entryPoints: Readonly<Record<string, string>>;
}

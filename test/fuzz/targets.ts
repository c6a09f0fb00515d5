import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { decodedLayers } from "../../src/inspection/decode/layers.ts";
import { DETECTORS } from "../../src/inspection/detectors/index.ts";
import { entryPointsOf } from "../../src/inspection/entry-points.ts";
import { fingerprintOf } from "../../src/inspection/fingerprint/fingerprint.ts";
import { inspect, inspectTree } from "../../src/inspection/inspect.ts";
import { kindOf } from "../../src/inspection/kinds.ts";
import { calls, folds, references } from "../../src/inspection/languages/calls.ts";
import * as codecs from "../../src/inspection/languages/codecs.ts";
import { readAssembly } from "../../src/inspection/languages/dotnet.ts";
import { reach } from "../../src/inspection/languages/il.ts";
import { act } from "../../src/inspection/languages/il-run.ts";
import { lex } from "../../src/inspection/languages/lex.ts";
import { withLayers } from "../../src/inspection/layers.ts";
import type { FileKind, Inspection, ReleaseTree } from "../../src/inspection/model.ts";
import { readInspection } from "../../src/inspection/read-answer.ts";
import { PREFILTER } from "../../src/inspection/searched.ts";
import { treeOfFiles } from "../../src/inspection/unpack.ts";
import { readXml } from "../../src/inspection/xml.ts";
import { ArchiveRefused } from "../../src/lib/archives/archive.ts";
import { openBudget } from "../../src/lib/archives/budget.ts";
import { readArchive } from "../../src/lib/archives/read.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { releaseArticle } from "../../src/report/release.ts";
import { npmTarball, nupkg, sdist, tarOf, wheel, zipOf } from "../support/archives.ts";
import { exampleBytes } from "../support/assembly-text.ts";
import { COMPARED } from "./comparisons.ts";
import { LOCKFILES } from "./lockfiles.ts";

/** A reader of outside bytes: what it starts from, and what it does with each mutant. `read` throws when the reader breaks its promise. */
export interface Target {
  readonly seeds: readonly Buffer[];
  read(bytes: Buffer): unknown;
}

const EXAMPLES = DETECTORS.flatMap(({ examples }) => [...examples.matches, ...examples.passes]);
const FILES = EXAMPLES.flatMap(({ files }) => Object.entries(files));
const PACKAGE = { name: "demo", version: "1.0.0", files: { "a.txt": "some text ".repeat(30) } };
const BOUNDS = { entries: 100, unpackedBytes: 1 << 20, ratio: 100, ratioFrom: 1 << 18, pathLength: 200 };

/** Every reader by name. */
export const TARGETS: Readonly<Record<string, Target>> = {
  zip: {
    seeds: [
      zipOf([{ path: "a/one.txt", bytes: "one ".repeat(20), descriptor: "signed" }], { zip64: true }),
      wheel(PACKAGE),
      nupkg(PACKAGE),
    ],
    read: archive,
  },
  tar: {
    seeds: [
      tarOf([
        { path: "pkg/a.js", bytes: "let a = 1;", pax: { path: "pkg/é.js" } },
        { path: "pkg/link", type: "2", linkName: "a.js" },
      ]),
    ],
    read: archive,
  },
  gzip: { seeds: [sdist(PACKAGE), npmTarball(PACKAGE), gzipSync("text")], read: archive },
  python: script("python", /\.(?:py|pth)$/),
  javascript: script("javascript", /\.[cm]?[jt]sx?$/),
  powershell: script("powershell", /\.psm?1$/),
  shell: script("shell", /\.sh$/),
  batch: script("batch", /\.(?:bat|cmd)$/),
  xml: { seeds: textsNamed(/\.(?:targets|props|nuspec)$/), read: xml },
  assembly: {
    seeds: FILES.filter(([path]) => path.endsWith(".dll")).map(([, text]) => exampleBytes(text)),
    read: assembly,
  },
  codecs: { seeds: codecSeeds(), read: decoders },
  kinds: { seeds: FILES.map(([, text]) => exampleBytes(text)), read: (bytes) => kindOf("a/b", bytes) },
  npm: release("npm", "npm", "package/"),
  sdist: release("pypi", "sdist", "demo-1.0/"),
  wheel: release("pypi", "wheel", ""),
  nupkg: release("nuget", "nupkg", ""),
  answer: { seeds: [Buffer.from(JSON.stringify(reviewed(npmTarball(PACKAGE))))], read: answer },
  lockfiles: LOCKFILES,
  comparisons: COMPARED,
};

function textsNamed(pattern: RegExp): Buffer[] {
  return FILES.filter(([path]) => pattern.test(path)).map(([, text]) => Buffer.from(text));
}

function archive(bytes: Buffer): unknown {
  try {
    return readArchive(bytes, openBudget(BOUNDS, bytes.length)).entries.map(({ path }) => path);
  } catch (error) {
    if (!(error instanceof ArchiveRefused)) throw error;
    return error.problem;
  }
}

function script(kind: FileKind, pattern: RegExp): Target {
  return {
    seeds: [Buffer.from("a = 'b' + \"c\"\n"), ...textsNamed(pattern)],
    read(bytes) {
      const text = bytes.toString("utf8");
      const tokens = lex(kind, text);
      let last = 0;
      for (let at = 0; at < tokens.length; at++) {
        assert.ok(tokens.start(at) >= last && tokens.end(at) >= tokens.start(at), `token ${at} is out of order`);
        last = tokens.end(at);
        tokens.value(at);
      }
      assert.ok(last <= text.length);
      const file = { kind, text, tokens };
      const layers = [...decodedLayers(file)].map((layer) => layer.text.length);
      return [tokens.length, calls(file).map(({ name }) => name), references(file).length, folds(file).length, layers];
    },
  };
}

function xml(bytes: Buffer): unknown {
  try {
    return readXml(bytes.toString("utf8")).name;
  } catch (error) {
    // What is not well-formed is said in words; running out of something is no such word.
    if (error instanceof RangeError || error instanceof TypeError) throw error;
    return (error as Error).message;
  }
}

function assembly(bytes: Buffer): unknown {
  const read = readAssembly(bytes);
  if (read === undefined) return undefined;
  const reached = read.methods.slice(0, 50).map((_, at) => reach(read, at));
  const { calls: called, texts, cut } = act(read);
  return [read.methods.length, reached.length, called.map(({ member }) => member), texts, [...cut]];
}

function codecSeeds(): Buffer[] {
  const text = "import os\nos.system('ls')\n".repeat(8);
  return [
    Buffer.from(text).toString("base64"),
    Buffer.from(text).toString("hex"),
    gzipSync(text).toString("latin1"),
    '<~87cURD]i,"Ebo80~>',
    "MFRGGZDFMZTQ====",
  ].map((one) => Buffer.from(one, "latin1"));
}

function decoders(bytes: Buffer): unknown {
  const text = bytes.toString("latin1");
  const key = text.slice(0, 16);
  const { base64, base32, hex, base85, ascii85, rot13, inflate, xor, fernet, percent, decodeAs } = codecs;
  const made = [base64, base32, hex, base85, ascii85, rot13, inflate].map((decode) => decode(text)?.length);
  const names = ["utf-8", "utf-16", "idna", "rot13", "base64", "hex", "zlib", "bz2", "unicode_escape", key];
  return [
    made,
    xor(text, key)?.length,
    fernet(text, key),
    percent(text, true).length,
    names.map((name) => decodeAs(text, name).length),
  ];
}

/** Whole trees made of detectors' examples, one file of which is damaged. */
function release(ecosystem: "npm" | "pypi" | "nuget", form: ReleaseTree["form"], top: string): Target {
  const examples = EXAMPLES.filter((one) => one.ecosystem === ecosystem && Object.keys(one.files).length > 0);
  const seeds = examples.flatMap(({ files }, example) =>
    Object.entries(files).map(([, text], file) =>
      Buffer.concat([Buffer.from([example >> 8, example, file]), exampleBytes(text)]),
    ),
  );
  return {
    seeds,
    read(bytes) {
      const { files } = examples[bytes.subarray(0, 2).reduce((sum, byte) => sum * 256 + byte, 0) % examples.length]!;
      const damaged = (bytes[2] ?? 0) % Object.keys(files).length;
      const entries = Object.entries(files).map(
        ([path, text], at) =>
          [top + path, at === damaged ? Buffer.from(bytes.subarray(3)) : exampleBytes(text)] as const,
      );
      return verdictOn(entries, ecosystem, form);
    },
  };
}

function verdictOn(
  entries: readonly (readonly [string, Buffer])[],
  ecosystem: "npm" | "pypi" | "nuget",
  form: ReleaseTree["form"],
) {
  let tree: ReleaseTree;
  try {
    const plain = treeOfFiles(entries, { filename: "demo-1.0.0", ecosystem, form }, PREFILTER);
    tree = withLayers(plain, PREFILTER, DEFAULT_LIMITS.lexedBytes);
  } catch (error) {
    if (!(error instanceof ArchiveRefused)) throw error;
    return error.problem;
  }
  const { verdict, findings } = inspectTree(tree, DEFAULT_LIMITS);
  assert.doesNotMatch(verdict.because ?? "", /a detector failed/);
  return [verdict.word, verdict.score, findings.length, fingerprintOf(tree, []), entryPointsOf(tree)];
}

function reviewed(bytes: Buffer) {
  return inspect({ bytes, filename: "demo-1.0.0.tgz", ecosystem: "npm", review: { texts: ["a.txt"] } });
}

/** What an inspector process that was taken over may write: read or refused with a TypeError, and shown without markup of its own. */
function answer(bytes: Buffer): unknown {
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
  let inspection: Inspection;
  try {
    inspection = readInspection(document, DEFAULT_LIMITS);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message;
  }
  const { verdict } = inspection;
  const report = { path: "a.tgz", ...inspection, verdict: verdict.word, score: verdict.score };
  const page = String(releaseArticle(report, "r"));
  assert.doesNotMatch(page, /<script|javascript:/i);
  return page.length;
}

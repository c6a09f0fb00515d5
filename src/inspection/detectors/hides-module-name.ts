import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { scriptsWith } from "./_npm.ts";
import { matchInCode, sight } from "./_sight.ts";

/** A module's name, or a method's, put together so that nobody finds it. */
const JOINED =
  /(?:require|import)\(\s{0,4}(?:['"`][\w:/-]{1,20}['"`]\s{0,4}\+\s{0,4}['"`]|\[\s{0,4}['"`][\w:]{1,12}['"`]\s{0,4},|atob\(|Buffer\.from\(|String\.fromCharCode|['"`][^'"`\n]{1,40}['"`]\s{0,4}\.\s{0,4}(?:split|replace|concat)\()/;
const DECODED_NAME = /require\(\s{0,4}[\w$]{1,20}\(\s{0,4}(?:['"`][\w+/=]{4,60}['"`]|0x[0-9a-f]{1,6})\s{0,4}[,)]/i;
const ASSIGNED =
  /(?:const|let|var)\s{1,4}([\w$]{1,30})\s{0,4}=\s{0,4}(['"`][\w:]{1,12}['"`](?:\s{0,4}\+\s{0,4}['"`][\w:]{1,12}['"`]){1,6})/g;
const MODULES = /^(?:node:)?(?:child_process|https?|net|dns|fs|os|vm|tls)$/;

export const hidesModuleName: Detector = {
  id: "hides-module-name",
  title: "Puts together the name of a module so that it cannot be searched for",
  severity: "high",
  ecosystems: ["npm"],
  points: 4.6,
  class: "threat",
  group: "obfuscation",
  why: `The argument of \`require\` or \`import\` is joined from pieces, decoded, or reversed, so that \`child_process\` appears nowhere. There is
no reason to do so but to escape searches like ours.

Loaders put together paths from variables; this is about pieces of constant text that make up one word.`,
  literals: ["require", "import("],
  *detect(tree) {
    for (const file of scriptsWith(tree, ["require", "import("])) {
      const match = matchInCode(file, JOINED) ?? matchInCode(file, DECODED_NAME);
      if (match !== undefined && !isHarmless(match[0])) {
        yield sight(file, match.index, `hides what it loads: ${match[0].slice(0, 80)}`, { share: shareOf(file) });
        continue;
      }
      for (const [whole, name = "", pieces = ""] of file.text.matchAll(ASSIGNED)) {
        const value = pieces.replace(/['"`\s+]/g, "");
        if (
          !MODULES.test(value) ||
          !new RegExp(`require\\(\\s{0,4}${name.replaceAll("$", "\\$")}\\s{0,4}\\)`).test(file.text)
        )
          continue;
        yield sight(file, file.text.indexOf(whole), `hides that it loads ${value}`, { share: shareOf(file) });
        break;
      }
    }
  },
  examples: {
    matches: [
      { ecosystem: "npm", files: { "index.js": "require('chi' + 'ld_pro' + 'cess').exec(c);\n" } },
      { ecosystem: "npm", files: { "index.js": "const m = require(Buffer.from('aHR0cHM=', 'base64').toString());\n" } },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "index.js": "require('./lib/' + name);\nrequire(path.join(a, 'b'));\nrequire('https');\n" },
      },
      { ecosystem: "npm", files: { "index.js": "const a = 'one' + 'two';\nrequire(a);\n" } },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: { "index.js": "const m = 'chi' + 'ld_pro' + 'cess';\nrequire(m)['ex' + 'ec'](c);\n" },
      },
      { ecosystem: "npm", files: { "index.js": "require(['chi', 'ld_process'].join(''));\n" } },
      { ecosystem: "npm", files: { "index.js": "const d = (s) => atob(s);\nrequire(d('aHR0cHM='));\n" } },
    ],
  },
};

/** Bundlers' helpers are called with a module's number. */
function isHarmless(text: string): boolean {
  return (
    /^(?:require|import)\(\s{0,4}['"`]\.{0,2}\//.test(text) ||
    /^require\(\s{0,4}(?:resolve|join|require|path)\b/.test(text)
  );
}

function shareOf(file: SourceFile): number {
  return file.phase === "call" || file.phase === "none" ? 0.5 : 1;
}

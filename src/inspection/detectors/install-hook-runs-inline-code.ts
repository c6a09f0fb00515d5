import type { Detector } from "../detector.ts";
import { installHooks, lineOf } from "./_npm.ts";

/** An interpreter that is given its program on the command line. */
const INLINE =
  /\b(?:node|nodejs|bun|deno)(?:\.exe)?\b[^;&|]{0,100}?[ \t](?:-e|-pe|-p|--eval|--print|eval)(?:[ \t=]|$)|\b(?:python[\d.]{0,4}|perl|ruby|php)(?:\.exe)?[ \t]{1,4}-[cer]\b|\b(?:powershell|pwsh)(?:\.exe)?\b|\b(?:ba|z|da)?sh[ \t]{1,4}-c\b|\bbase64[ \t]{1,4}(?:-d|-D|--decode)\b|\beval[ \t]/;
/** What the inline program does when it is not harmless: reaches the network, starts processes, runs decoded text. */
const ACTS =
  /child_process|https?['"`)]|\b(?:net|dns|tls|dgram|vm)['"`]\)|\bfetch\(|\bXMLHttpRequest\b|\beval\(|\bFunction\(|\batob\(|Buffer\.from\(|fromCharCode|exec(?:Sync|File)?\(|spawn(?:Sync)?\(|urllib|requests\.|socket|subprocess|os\.system|IO::Socket|-e(?:nc|ncodedcommand)?[ \t]{1,4}[A-Za-z0-9+/]{8}|downloadstring|\bbase64[ \t]{1,4}(?:-d|-D|--decode)/i;

export const installHookRunsInlineCode: Detector = {
  id: "install-hook-runs-inline-code",
  title: "An install script carries a program on its command line",
  severity: "high",
  ecosystems: ["npm"],
  points: 5.5,
  class: "threat",
  group: "install-hook",
  why: `The command in package.json holds a program itself (\`node -e "…"\`, \`python -c\`, an encoded PowerShell command), and that program
reaches the network, starts processes or runs decoded text. There is no file to review, which is the point.

Many packages use \`node -e "try{require('./postinstall')}catch(e){}"\` so that a missing file does not stop the install; such
commands do nothing by themselves and pass.`,
  *detect(tree) {
    for (const { path, name, command } of installHooks(tree)) {
      if (!INLINE.test(command)) continue;
      const acts = ACTS.test(command);
      if (!acts && command.length < 600) continue;
      const says = `${name} carries its program on the command line: \`${command.slice(0, 200)}\``;
      yield { path, line: lineOf(tree, path, command), says, phase: "install", share: acts ? 1 : 0.5 };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"preinstall":"node -e \\"require('child_process').exec('x')\\""}}` },
      },
      {
        ecosystem: "npm",
        files: { "package.json": `{"scripts":{"install":"powershell -w hidden -enc SQBFAFgAIAAxAA=="}}` },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"scripts":{"postinstall":"node -e \\"try{require('./postinstall')}catch(e){}\\""}}`,
        },
      },
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"preinstall":"node -p process.version"}}` } },
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"install":"node scripts/eval.js"}}` } },
    ],
    evasions: [
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"install":"node --eval=\\"eval(atob('MQ=='))\\""}}` } },
      { ecosystem: "npm", files: { "package.json": `{"scripts":{"postinstall":"echo bHM= | base64 -d | sh"}}` } },
    ],
  },
};

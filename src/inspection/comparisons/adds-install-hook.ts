import type { Comparison } from "../comparison.ts";

export const addsInstallHook: Comparison = {
  id: "adds-install-hook",
  title: "Installing runs a command that the release before did not run",
  severity: "medium",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 2,
  why: `A release that suddenly runs something when it is installed is the commonest shape of a taken-over package: the code of the
project stays as it was, one script and one line of the manifest are new.

Projects add such commands honestly when they begin to build native code or to fetch a program of their own. So this only adds
weight to what is found in the release itself.`,
  *compare({ facts, before }) {
    if (before === undefined) return;
    const had = Object.entries(before.facts.hooks);
    for (const [name, command] of Object.entries(facts.hooks)) {
      const old = before.facts.hooks[name];
      if (old === command || had.some(([, known]) => known === command)) continue;
      const says =
        old === undefined
          ? `${name} is new: ${command}`
          : `${name} was another command in the release before: ${command}, before ${old}`;
      yield { path: "", says, phase: "install", share: had.length === 0 ? 1 : 0.5 };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"2.0.0","scripts":{"postinstall":"node a.js"}}', "a.js": "" },
        before: { "package.json": '{"name":"a","version":"1.0.0"}', "a.js": "" },
      },
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Name: a\nVersion: 2\n", "setup.py": "" },
        before: { "PKG-INFO": "Name: a\nVersion: 1\n", "a.py": "" },
      },
      {
        ecosystem: "nuget",
        files: { "a.nuspec": "<package><metadata><id>a</id></metadata></package>", "tools/init.ps1": "Write-Host 1" },
        before: { "a.nuspec": "<package><metadata><id>a</id></metadata></package>", "lib/net8.0/_._": "" },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"2.0.0","scripts":{"install":"node a.js"}}', "a.js": "1" },
        before: { "package.json": '{"name":"a","version":"1.0.0","scripts":{"install":"node a.js"}}', "a.js": "" },
      },
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0","scripts":{"install":"node a.js"}}' },
      },
    ],
  },
};

import type { Comparison } from "../comparison.ts";
import { added, someOf } from "./_facts.ts";

export const manifestDiffersFromIndex: Comparison = {
  id: "manifest-differs-from-index",
  title: "Its package.json says other things than the registry's entry",
  severity: "medium",
  ecosystems: ["npm"],
  points: 2,
  why: `The registry keeps what the publisher sent as metadata and never looks into the tarball. Audits and dependency views read the entry,
while installing obeys the tarball: install scripts and dependencies that only the tarball has are hidden from everybody who looks
at the registry (called manifest confusion).

Some publishing tools rewrite one of them, mostly to strip development settings.`,
  *compare({ facts, listed }) {
    const declares = listed?.declares;
    if (declares === undefined) return;
    const hooks = Object.keys(facts.hooks).filter((name) => /^(?:pre|post)?install$/.test(name));
    if (hooks.length > 0 && !declares.installs)
      yield { path: "", says: `the registry does not say that installing runs ${hooks.join(", ")}`, phase: "install" };
    const hidden = added(Object.keys(facts.dependencies), declares.dependencies);
    if (hidden.length > 0)
      yield { path: "", says: `the registry does not say that it needs ${someOf(hidden)}`, share: 0.5 };
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","scripts":{"postinstall":"node a.js"}}', "a.js": "" },
        listed: { declares: { installs: false, dependencies: [] } },
      },
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","dependencies":{"b":"1.0.0"}}' },
        listed: { declares: { installs: false, dependencies: [] } },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","dependencies":{"b":"1.0.0"},"scripts":{"install":"node a.js"}}' },
        listed: { declares: { installs: true, dependencies: ["b"] } },
      },
    ],
  },
};

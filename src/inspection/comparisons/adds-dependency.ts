import type { Comparison } from "../comparison.ts";
import { added, someOf } from "./_facts.ts";

export const addsDependency: Comparison = {
  id: "adds-dependency",
  title: "It needs a package that the release before did not need",
  severity: "info",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 0.8,
  why: `Several takeovers of 2026 changed nothing in the package but one line: a new dependency, published hours before, that carried the
payload. Behind a gate the dependency is inspected itself before anybody gets it, so this finding only says where to look.

New dependencies are ordinary, so this adds little.`,
  *compare({ facts, before }) {
    if (before === undefined) return;
    const names = added(Object.keys(facts.dependencies), Object.keys(before.facts.dependencies));
    if (names.length > 0) yield { path: "", says: `it did not need before: ${someOf(names)}` };
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"2.0.0","dependencies":{"b":"^1.0.0","c":"^4.0.0"}}' },
        before: { "package.json": '{"name":"a","version":"1.0.0","dependencies":{"b":"^1.0.0"}}' },
      },
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Name: a\nVersion: 2\nRequires-Dist: b\n", "pyproject.toml": "" },
        before: { "PKG-INFO": "Name: a\nVersion: 1\n", "pyproject.toml": "" },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"2.0.0","dependencies":{"b":"^2.0.0"}}' },
        before: { "package.json": '{"name":"a","version":"1.0.0","dependencies":{"b":"^1.0.0","c":"1"}}' },
      },
    ],
  },
};

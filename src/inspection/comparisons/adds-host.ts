import type { Comparison } from "../comparison.ts";
import { added, someOf } from "./_facts.ts";

export const addsHost: Comparison = {
  id: "adds-host",
  title: "Its code names a host that the release before did not name",
  severity: "info",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 0.8,
  why: `An address in code, decoded layers included, whose host does not occur in the code of the release before. What steals or fetches
something needs somewhere to go.

Links in comments count as well, and projects move; so this adds little.`,
  *compare({ facts, before }) {
    // A list that reached its bound says nothing about what is not on it.
    if (facts.hosts === undefined || before?.facts.hosts === undefined || before.facts.hosts.length >= 300) return;
    const hosts = added(facts.hosts, [...before.facts.hosts, ...before.facts.urls.map(hostOf)]);
    if (hosts.length > 0) yield { path: "", says: `its code did not name before: ${someOf(hosts)}` };
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}', "index.js": "fetch('https://b.example.invalid/x')\n" },
        before: { "package.json": '{"name":"a"}', "index.js": "fetch('https://a.example.invalid/x')\n" },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}', "index.js": "fetch('https://a.example.invalid/y')\n" },
        before: { "package.json": '{"name":"a"}', "index.js": "fetch('https://a.example.invalid/x')\n" },
      },
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}', "README.md": "https://b.example.invalid\n" },
        before: { "package.json": '{"name":"a"}' },
      },
    ],
  },
};

function hostOf(url: string): string {
  return (/^[a-z]{2,5}:\/\/([\w.-]{1,253})/i.exec(url)?.[1] ?? "").toLowerCase();
}

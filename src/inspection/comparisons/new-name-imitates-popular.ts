import type { Comparison } from "../comparison.ts";
import { lookalikesOf } from "../names/index.ts";
import { LEAST_SCORE } from "../names/lookalikes.ts";
import { newness } from "./_newness.ts";

export const newNameImitatesPopular: Comparison = {
  id: "new-name-imitates-popular",
  title: "A new project whose name is easily mistaken for a popular one of somebody else",
  severity: "medium",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 2,
  why: `What the detector name-imitates-popular sees in the name counts more where the project is days or weeks old, has few versions, and is not
published by the account that publishes the popular one.

Projects older than half a year, and projects of the popular one's own publisher, are left alone.`,
  *compare({ facts: { ecosystem }, project }) {
    if (project === undefined || ecosystem === "unknown" || newness(project) === 0) return;
    const found = lookalikesOf(ecosystem).find(project.name);
    if (found === undefined || found.score < LEAST_SCORE || project.ownedToo.includes(found.popular)) return;
    const says = `${project.name} is ${project.age} old and easily mistaken for ${found.popular} (place ${found.rank}): ${found.how}`;
    yield { path: "", says, phase: "install", share: found.score * newness(project) };
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "expresss", age: "days", isEstablished: false, privateNames: [], ownedToo: [] },
      },
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Metadata-Version: 2.1\nName: a\nVersion: 1.0\n" },
        project: { name: "reqeusts", age: "weeks", isEstablished: false, privateNames: [], ownedToo: [] },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "expresss", age: "years", isEstablished: false, privateNames: [], ownedToo: [] },
      },
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "tidy-colors", age: "days", isEstablished: false, privateNames: [], ownedToo: [] },
      },
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "expresss", age: "days", isEstablished: false, privateNames: [], ownedToo: ["express"] },
      },
    ],
  },
};

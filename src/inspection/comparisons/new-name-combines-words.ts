import type { Comparison, ProjectKnown } from "../comparison.ts";
import { combinationOf, popularWordsIn } from "../names/combinations.ts";
import { lookalikesOf } from "../names/index.ts";
import { newness } from "./_newness.ts";

/** What a plausible name of two popular ones weighs against one that only extends a popular name. */
const SHARE_OF_PLAUSIBLE = 0.5;

export const newNameCombinesWords: Comparison = {
  id: "new-name-combines-words",
  title: "A new project under a name that people and language models guess",
  severity: "low",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 1.5,
  why: `Language models invent package names by joining known ones (\`react-codeshift\` out of react and jscodeshift), and attackers register what is
invented often. A name made of nothing but popular names and empty words, which came to be days or weeks ago, is such a name.

Most new plugins and integrations are called like that too. So this adds weight to other findings and nothing else.`,
  *compare({ facts: { ecosystem }, project }) {
    if (project === undefined || ecosystem === "unknown" || newness(project) === 0) return;
    const lookalikes = lookalikesOf(ecosystem);
    const combination = combinationOf(lookalikes, project.name);
    if (combination !== undefined && !project.ownedToo.includes(combination.popular)) {
      yield sight(project, `the popular ${combination.popular} by ${combination.by}`, 1);
      return;
    }
    const words = popularWordsIn(lookalikes, project.name);
    if (words.length >= 2 && !words.some((word) => project.ownedToo.includes(word)))
      yield sight(project, `the popular names ${words.join(" and ")}`, SHARE_OF_PLAUSIBLE);
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "express-utils", age: "days", isEstablished: false, privateNames: [], ownedToo: [] },
      },
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "react-webpack", age: "weeks", isEstablished: false, privateNames: [], ownedToo: [] },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "express-utils", age: "years", isEstablished: false, privateNames: [], ownedToo: [] },
      },
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "express-rate-limit", age: "days", isEstablished: false, privateNames: [], ownedToo: [] },
      },
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "express-utils", age: "days", isEstablished: false, privateNames: [], ownedToo: ["express"] },
      },
    ],
  },
};

function sight(project: ProjectKnown, from: string, share: number) {
  const says = `${project.name} is ${project.age} old and made of ${from}`;
  return { path: "", says, phase: "install", share: share * newness(project) } as const;
}

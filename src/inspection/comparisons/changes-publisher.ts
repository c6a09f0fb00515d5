import type { Comparison } from "../comparison.ts";

export const changesPublisher: Comparison = {
  id: "changes-publisher",
  title: "Another account published it than the release before",
  severity: "low",
  ecosystems: ["npm"],
  points: 1,
  why: `The index names the account that published each version. A new one is what a stolen token or a new maintainer with a purpose looks
like.

Teams take turns, and projects move to publishing from their build service.`,
  *compare({ listed, before }) {
    const [now, then] = [listed?.publisher, before?.listed?.publisher];
    if (now !== undefined && then !== undefined && now !== then)
      yield { path: "", says: `published by ${now}, the release before by ${then}` };
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}' },
        before: { "package.json": '{"name":"a"}' },
        listed: { publisher: "eve" },
        listedBefore: { publisher: "ada" },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}' },
        before: { "package.json": '{"name":"a"}' },
        listed: { publisher: "ada" },
        listedBefore: { publisher: "ada" },
      },
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a"}' },
        before: { "package.json": '{"name":"a"}' },
        listed: { publisher: "ada" },
      },
    ],
  },
};

import type { Comparison } from "../comparison.ts";
import { foldLetters, oneEdit, skeleton, squash } from "../names/spelling.ts";

/** Fewer letters resemble each other by chance. */
const LEAST_LETTERS = 5;

export const nameResemblesPrivate: Comparison = {
  id: "name-resembles-private",
  title: "The name is easily mistaken for one that is hosted here only",
  severity: "medium",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 2,
  why: `Names under \`[private]\` are never asked of an upstream, but \`acme_tools\` beside \`acme-tools\`, \`acme-tools\` beside \`@acme/tools\` and
\`acmee-tools\` are: whoever learns of a private name registers what its users might type, and waits for a build server to ask.

Names that begin with an ordinary word resemble others without intent; a private prefix of five letters or more is compared, shorter ones are not.`,
  *compare({ project }) {
    if (project === undefined || project.age === "years") return;
    for (const pattern of project.privateNames.slice(0, MOST_PATTERNS)) {
      const how = resembles(project.name, pattern);
      if (how === undefined) continue;
      yield { path: "", says: `${project.name} is not ${pattern}, which is private, but ${how}`, phase: "install" };
      return;
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "acme-tools", age: "days", isEstablished: false, privateNames: ["@acme/*"], ownedToo: [] },
      },
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Metadata-Version: 2.1\nName: a\nVersion: 1.0\n" },
        project: { name: "acmeetools", age: "days", isEstablished: false, privateNames: ["acme-tools"], ownedToo: [] },
      },
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Metadata-Version: 2.1\nName: a\nVersion: 1.0\n" },
        project: {
          name: "acrne-tools-core",
          age: "days",
          isEstablished: false,
          privateNames: ["acme-tools*"],
          ownedToo: [],
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": '{"name":"a","version":"1.0.0"}' },
        project: { name: "other-tools", age: "days", isEstablished: false, privateNames: ["@acme/*"], ownedToo: [] },
      },
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Metadata-Version: 2.1\nName: a\nVersion: 1.0\n" },
        project: { name: "acme", age: "days", isEstablished: false, privateNames: ["ac*"], ownedToo: [] },
      },
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Metadata-Version: 2.1\nName: a\nVersion: 1.0\n" },
        project: { name: "acmeetools", age: "years", isEstablished: false, privateNames: ["acme-tools"], ownedToo: [] },
      },
    ],
  },
};

const MOST_PATTERNS = 1_000;

/** How a name is near a pattern that does not own it: an exact name, a prefix (`acme-*`), a scope (`@acme/*`). */
function resembles(name: string, pattern: string): string | undefined {
  const isPrefix = pattern.endsWith("*");
  const meant = squash(isPrefix ? pattern.slice(0, -1) : pattern);
  if (meant.length < (pattern.startsWith("@") ? LEAST_LETTERS - 1 : LEAST_LETTERS)) return undefined;
  const own = squash(foldLetters(name));
  // One letter more or less moves the end of the part that is compared.
  const parts = isPrefix ? [0, 1, -1].map((more) => own.slice(0, meant.length + more)) : [own];
  if (parts.includes(meant)) return isPrefix ? "begins like it" : "is written alike";
  const near = parts.some(
    (part) => (oneEdit(part, meant)?.likeness ?? 0) >= LEAST_LIKENESS || skeleton(part) === skeleton(meant),
  );
  return near ? "is nearly written alike" : undefined;
}

const LEAST_LIKENESS = 0.6;

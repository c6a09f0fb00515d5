import type { Detector } from "../detector.ts";
import { combinationOf } from "../names/combinations.ts";
import { builtInLookalikes } from "../names/index.ts";

export const nameExtendsPopular: Detector = {
  id: "name-extends-popular",
  title: "The name is a popular one with an empty word, a number or another scope",
  severity: "low",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 1.5,
  class: "threat",
  group: "name",
  why: `\`requests-utils\`, \`python-lodash\`, \`types-node\` for \`@types/node\`: names that read as if they belonged to a well-known package, which people and
language models guess when they do not remember the right one. The finding never withholds a release by itself; on a feed it counts more the newer
the package is.

Most extensions of popular packages are called like this and are honest: a plugin, a fork, a client for the same service. Only words that say
nothing count, beside the few hundred best-known names.`,
  *detect({ ecosystem, manifest }) {
    if (ecosystem === "unknown" || manifest === undefined) return;
    const found = combinationOf(builtInLookalikes(ecosystem), manifest.name);
    if (found === undefined) return;
    const says = `${manifest.name} is made of the popular ${found.popular} by ${found.by}`;
    yield { path: manifest.path, line: null, phase: "install", share: 0.3, says };
  },
  examples: {
    matches: [
      { ecosystem: "npm", files: { "package.json": `{"name":"express-utils","version":"1.0.0"}` } },
      { ecosystem: "npm", files: { "package.json": `{"name":"types-node","version":"1.0.0"}` } },
      { ecosystem: "pypi", files: { "PKG-INFO": "Metadata-Version: 2.1\nName: requests_sdk\nVersion: 1.0\n" } },
    ],
    passes: [
      { ecosystem: "npm", files: { "package.json": `{"name":"express-rate-limit","version":"1.0.0"}` } },
      { ecosystem: "npm", files: { "package.json": `{"name":"@demo/express-timer","version":"1.0.0"}` } },
      { ecosystem: "pypi", files: { "PKG-INFO": "Metadata-Version: 2.1\nName: colour-utils\nVersion: 1.0\n" } },
    ],
    evasions: [
      { ecosystem: "npm", files: { "package.json": `{"name":"@typess/node","version":"1.0.0"}` } },
      { ecosystem: "pypi", files: { "PKG-INFO": "Metadata-Version: 2.1\nName: python.requests\nVersion: 1.0\n" } },
      { ecosystem: "pypi", files: { "PKG-INFO": "Metadata-Version: 2.1\nName: requests2\nVersion: 1.0\n" } },
    ],
  },
};

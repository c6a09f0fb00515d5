import type { Detector } from "../detector.ts";
import { builtInLookalikes } from "../names/index.ts";
import { LEAST_SCORE } from "../names/lookalikes.ts";

/** Share of the points that a name has on its own; when the release was published and by whom is known where a feed is. */
const SHARE_OF_NAME_ALONE = 0.5;

export const nameImitatesPopular: Detector = {
  id: "name-imitates-popular",
  title: "The name is easily mistaken for a popular one",
  severity: "medium",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 3,
  class: "threat",
  group: "name",
  why: `One letter left out, doubled, swapped with its neighbour or replaced by the key beside it: whoever mistypes an install command
gets this package instead of the popular one. The finding weighs what the names have in common, how popular the other one is, and, on a feed, how
new this one is and whether the two have an owner in common. It never withholds a release by itself; it makes other findings weigh more.

Short names resemble each other by chance, and some imitations are honest: forks, translations, placeholders that the owner of the popular name
registered. The list of popular names has a date and can be refreshed with \`portcullis names refresh\`.`,
  *detect({ ecosystem, manifest }) {
    if (ecosystem === "unknown" || manifest === undefined || manifest.name.length > 100) return;
    const found = builtInLookalikes(ecosystem).find(manifest.name);
    if (found === undefined || found.score < LEAST_SCORE) return;
    const says = `${manifest.name} is easily mistaken for ${found.popular} (popular, place ${found.rank}): ${found.how}`;
    yield { path: manifest.path, line: null, phase: "install", share: SHARE_OF_NAME_ALONE * found.score, says };
  },
  examples: {
    matches: [
      { ecosystem: "npm", files: { "package.json": `{"name":"expresss","version":"1.0.0"}` } },
      { ecosystem: "pypi", files: { "PKG-INFO": "Metadata-Version: 2.1\nName: reqeusts\nVersion: 1.0\n" } },
      {
        ecosystem: "nuget",
        files: {
          "a.nuspec": "<package><metadata><id>Newtonsof.Json</id><version>1.0.0</version></metadata></package>",
        },
      },
    ],
    passes: [
      { ecosystem: "pypi", files: { "PKG-INFO": "Metadata-Version: 2.1\nName: requests\nVersion: 1.0\n" } },
      { ecosystem: "npm", files: { "package.json": `{"name":"tidy-colors","version":"1.0.0"}` } },
      { ecosystem: "npm", files: { "package.json": `{"name":"reqct","version":"1.0.0"}` } },
    ],
    evasions: [
      { ecosystem: "pypi", files: { "PKG-INFO": "Metadata-Version: 2.1\nName: beautifu1soup4\nVersion: 1.0\n" } },
      { ecosystem: "pypi", files: { "PKG-INFO": "Metadata-Version: 2.1\nName: matpl0tlibb\nVersion: 1.0\n" } },
      {
        ecosystem: "nuget",
        files: {
          "a.nuspec": "<package><metadata><id>Newt\u043ensoft.Json</id><version>1</version></metadata></package>",
        },
      },
    ],
  },
};

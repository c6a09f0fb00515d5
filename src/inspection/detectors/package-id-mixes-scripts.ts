import type { Detector } from "../detector.ts";
import type { Manifest } from "../model.ts";

const LATIN = /\p{Script=Latin}/u;
const OTHER = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}]/u;
const FULL_WIDTH = /[\uff01-\uff5e\u{1d400}-\u{1d7ff}\u2100-\u214f]/u;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}]/u;
/** Letters of other scripts that look like Latin ones; a name made of them alone reads as an English word. */
const LOOK_ALIKE = /^[\d._\-асеорхуіјѕԁһӏьвкмнтпгАВЕКМНОРСТХІЅЈοανρτικυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]{4,}$/u;

export const packageIdMixesScripts: Detector = {
  id: "package-id-mixes-scripts",
  title: "The package's id mixes alphabets so that it looks like another",
  severity: "critical",
  ecosystems: ["nuget"],
  points: 5.6,
  class: "threat",
  group: "name",
  why: `Letters of different alphabets look the same: \`2Captcһa\` with a Cyrillic letter was a malicious copy of \`2Captcha\`. An id that mixes Latin
letters with Cyrillic, Greek or others, holds invisible or full-width characters, or consists of look-alikes only, exists to be mistaken.

Ids written in one other alphabet throughout are ordinary.`,
  *detect(tree) {
    for (const manifest of tree.manifests) {
      if (tree.form !== "nupkg") continue;
      const why = reasonFor(manifest);
      if (why !== undefined)
        yield {
          path: manifest.path,
          line: null,
          phase: "install",
          says: `the id ${manifest.name.slice(0, 100)} ${why}`,
        };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: { "a.nuspec": "<package><metadata><id>2Captc\u04bba</id><version>1.0.0</version></metadata></package>" },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: { "a.nuspec": "<package><metadata><id>Demo.Lib</id><version>1.0.0</version></metadata></package>" },
      },
      {
        ecosystem: "nuget",
        files: {
          "a.nuspec":
            "<package><metadata><id>\u0411\u0438\u0431\u043b\u0438\u043e\u0442\u0435\u043a\u0430</id><version>1.0.0</version></metadata></package>",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: { "a.nuspec": "<package><metadata><id>Dem\u200bo</id><version>1.0.0</version></metadata></package>" },
      },
      {
        ecosystem: "nuget",
        files: {
          "a.nuspec":
            "<package><metadata><id>\u0430\u0440\u0440\u0441\u043e\u0440\u0435</id><version>1.0.0</version></metadata></package>",
        },
      },
    ],
  },
};

function reasonFor({ name }: Manifest): string | undefined {
  if (INVISIBLE.test(name)) return "holds invisible characters";
  if (FULL_WIDTH.test(name)) return "holds letters in other widths";
  if (LATIN.test(name) && OTHER.test(name)) return "mixes alphabets";
  return OTHER.test(name) && LOOK_ALIKE.test(name) ? "consists of letters that look like Latin ones" : undefined;
}

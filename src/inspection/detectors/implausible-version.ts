import type { Detector } from "../detector.ts";
import type { ReleaseTree } from "../model.ts";
import { installHooks, lineOf } from "./_npm.ts";
import { isCode, isMember } from "./_sight.ts";

/** Only nines, or one round large number, where a version would be. */
const IMPLAUSIBLE =
  /^(?:9{2,6}\.\d{1,6}\.\d{1,6}|\d{1,3}\.9{3,6}\.\d{1,6}|(?:100|1000|10000|100000)\.(?:100|0|1)\.\d{1,6}|11{1,5}\.11{1,5}\.11{1,5})$/;

/** Nines throughout: no project of this size has come that far. */
const NINES =
  /^(?:9{2,6}|\d{1,3})(?:\.9{2,6}){1,3}(?:\.\d{1,6})?$|^9{3,6}(?:\.\d{1,6}){0,3}$|^9{2,6}\.9{1,6}\.\d{1,6}$/;
/** Code of a release that is little more than its name. */
const LITTLE_CODE = 12_000;

export const implausibleVersion: Detector = {
  id: "implausible-version",
  title: "A version that only exists to be the highest",
  severity: "medium",
  ecosystems: ["pypi", "npm"],
  points: 4.3,
  class: "threat",
  group: "dependency-confusion",
  why: `Whoever publishes a private package's name in a public registry needs a version above the private one: 99.99.99, 999.0.0. With
an install script, the code runs as soon as a build server asks the wrong registry. Most such releases only report where they were
installed; bug hunters make them too. A Python release needs no script for that: there the version counts when the release holds hardly
any code.

Browsers and their drivers really have versions above one hundred; those numbers are not made of nines.`,
  *detect(tree) {
    const { manifest } = tree;
    if (tree.ecosystem === "pypi") {
      yield* alone(tree);
      return;
    }
    if (manifest === undefined || !IMPLAUSIBLE.test(manifest.version)) return;
    const [hook] = installHooks(tree);
    if (hook === undefined) return;
    const says = `version ${manifest.version} runs \`${hook.command.slice(0, 160)}\` at ${hook.name}`;
    yield {
      path: manifest.path,
      line: lineOf(tree, manifest.path, manifest.version),
      says,
      phase: "install",
      share: HOOKED,
    };
  },
  examples: {
    matches: [
      { ecosystem: "npm", files: { "package.json": `{"version":"99.10.9","scripts":{"preinstall":"node index.js"}}` } },
      { ecosystem: "npm", files: { "package.json": `{"version":"1.999.0","scripts":{"postinstall":"node a.js"}}` } },
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 99.99.99\n", "demo/__init__.py": "x = 1\n" },
      },
    ],
    passes: [
      { ecosystem: "npm", files: { "package.json": `{"version":"130.0.1","scripts":{"install":"node install.js"}}` } },
      { ecosystem: "npm", files: { "package.json": `{"version":"99.9.9","scripts":{"test":"true"}}` } },
      {
        ecosystem: "pypi",
        files: { "PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 99.1.2\n", "demo/__init__.py": "x = 1\n" },
      },
    ],
    evasions: [
      { ecosystem: "npm", files: { "package.json": `{"version":"999999.1.0","scripts":{"install":"x"}}` } },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 9999.0.1\n" },
      },
    ],
  },
};

/** What a version with an install script is worth: the script is seen by other rules as well. */
const HOOKED = 0.75;

function* alone(tree: ReleaseTree) {
  const { manifest } = tree;
  if (manifest === undefined || !NINES.test(manifest.version)) return;
  let code = 0;
  for (const file of tree.files) if (isMember(file) && isCode(file)) code += file.bytes.length;
  if (code > LITTLE_CODE) return;
  const says = `version ${manifest.version} of a release with ${code} bytes of code`;
  yield { path: manifest.path, line: null, says, phase: "install" as const };
}

import type { Detector } from "../detector.ts";
import { installHooks, lineOf } from "./_npm.ts";

/** Only nines, or one round large number, where a version would be. */
const IMPLAUSIBLE =
  /^(?:9{2,6}\.\d{1,6}\.\d{1,6}|\d{1,3}\.9{3,6}\.\d{1,6}|(?:100|1000|10000|100000)\.(?:100|0|1)\.\d{1,6}|11{1,5}\.11{1,5}\.11{1,5})$/;

export const implausibleVersion: Detector = {
  id: "implausible-version",
  title: "A version that only exists to be the highest, with an install script",
  severity: "medium",
  ecosystems: ["npm"],
  points: 3.2,
  class: "threat",
  group: "dependency-confusion",
  why: `Whoever publishes a private package's name in a public registry needs a version above the private one: 99.99.99, 999.0.0. With
an install script, the code runs as soon as a build server asks the wrong registry. Most such releases only report where they were
installed; bug hunters make them too.

Browsers and their drivers really have versions above one hundred; those numbers are not made of nines.`,
  *detect(tree) {
    const { manifest } = tree;
    if (manifest === undefined || !IMPLAUSIBLE.test(manifest.version)) return;
    const [hook] = installHooks(tree);
    if (hook === undefined) return;
    const says = `version ${manifest.version} runs \`${hook.command.slice(0, 160)}\` at ${hook.name}`;
    yield { path: manifest.path, line: lineOf(tree, manifest.path, manifest.version), says, phase: "install" };
  },
  examples: {
    matches: [
      { ecosystem: "npm", files: { "package.json": `{"version":"99.10.9","scripts":{"preinstall":"node index.js"}}` } },
      { ecosystem: "npm", files: { "package.json": `{"version":"1.999.0","scripts":{"postinstall":"node a.js"}}` } },
    ],
    passes: [
      { ecosystem: "npm", files: { "package.json": `{"version":"130.0.1","scripts":{"install":"node install.js"}}` } },
      { ecosystem: "npm", files: { "package.json": `{"version":"99.9.9","scripts":{"test":"true"}}` } },
    ],
    evasions: [{ ecosystem: "npm", files: { "package.json": `{"version":"999999.1.0","scripts":{"install":"x"}}` } }],
  },
};

import type { Detector } from "../detector.ts";
import { lineOf, objectOf } from "./_npm.ts";

const KINDS = ["dependencies", "optionalDependencies", "peerDependencies"] as const;
const MOST = 2_000;
/** Forges that serve a repository's tarballs, told apart from a server of somebody's own. */
const FORGE =
  /^(?:git\+)?https:\/\/(?:[\w.-]{1,60}@)?(?:codeload\.|www\.|api\.)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|gitee\.com|pkg\.pr\.new)\//i;
const PINNED = /#[0-9a-f]{7,40}$/i;
const HOST = /^https:\/\/[^/]{1,255}/i;
/** A version, a commit or a digest in an address. */
const VERSION = /\d\.\d|[0-9a-f]{12}/i;

export const dependencyByAddress: Detector = {
  id: "dependency-by-address",
  title: "Depends on something outside the registry",
  severity: "high",
  ecosystems: ["npm"],
  points: 4.4,
  class: "threat",
  group: "dependencies",
  why: `A dependency is an address: npm fetches whatever that server answers at the moment of the install, and runs its install scripts.
No scanner of the registry sees it. The PhantomRaven campaign (2025) shipped harmless packages with such dependencies, and the
attack on TanStack (May 2026) one commit in \`optionalDependencies\`.

Dependencies on a repository of a public forge are careless rather than hostile and count little, unless they are optional and
pinned to one commit. Published packages hardly ever name a server of their own.`,
  *detect(tree) {
    const { manifest } = tree;
    if (manifest === undefined) return;
    const raw = objectOf(manifest.raw);
    for (const kind of KINDS) {
      for (const [name, range] of Object.entries(objectOf(raw[kind])).slice(0, MOST)) {
        const share = typeof range === "string" ? shareOf(range, kind) : 0;
        if (share === 0) continue;
        const says = `${kind} fetches ${name} from ${String(range).slice(0, 160)}`;
        yield { path: manifest.path, line: lineOf(tree, manifest.path, String(range)), says, phase: "install", share };
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: { "package.json": `{"dependencies":{"ui-styles":"http://packages.example.invalid/npm/ui-styles"}}` },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"optionalDependencies":{"@a/setup":"github:a/b#79ac49eedf774dd4b0cfa308722bc463cfe5885c"}}`,
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: { "package.json": `{"dependencies":{"a":"^1.0.0","b":"npm:c@2","d":"workspace:*"}}` },
      },
      { ecosystem: "npm", files: { "package.json": `{"devDependencies":{"a":"http://example.invalid/a.tgz"}}` } },
    ],
    evasions: [
      { ecosystem: "npm", files: { "package.json": `{"dependencies":{"a":"https://example.invalid/npm/a"}}` } },
      { ecosystem: "npm", files: { "package.json": `{"dependencies":{"a":" HTTPS://example.invalid/a.tgz"}}` } },
      { ecosystem: "npm", files: { "package.json": `{"dependencies":{"a":"git+ssh://git@example.invalid/a.git"}}` } },
    ],
  },
};

function shareOf(range: string, kind: string): number {
  const text = range.trim();
  const forge =
    FORGE.test(text) || /^(?:github|gitlab|bitbucket|gist):|^[\w.-]{1,60}\/[\w.-]{1,100}(?:#|$)/i.test(text);
  if (forge)
    return kind === "optionalDependencies" && PINNED.test(text) ? 0.95 : kind === "peerDependencies" ? 0 : 0.25;
  if (/^http:/i.test(text)) return 1;
  // Where the address names no version, the server decides at each install what comes.
  if (/^https:/i.test(text)) return VERSION.test(text.replace(HOST, "")) ? 0.75 : 0.95;
  return /^(?:git:|git\+|ssh:|git@)/i.test(text) ? 0.75 : 0;
}

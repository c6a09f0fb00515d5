import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { objectOf, readJson } from "./_npm.ts";

const MOST_ENTRIES = 20_000;
const MOST_DEPTH = 50;

interface Entry {
  readonly name: string;
  readonly resolved: string;
  readonly host: string;
}

export const shrinkwrapPointsElsewhere: Detector = {
  id: "shrinkwrap-points-elsewhere",
  title: "The shipped lock file takes one dependency from another place than the rest",
  severity: "high",
  ecosystems: ["npm"],
  points: 4.4,
  class: "threat",
  group: "dependencies",
  why: `A published \`npm-shrinkwrap.json\` decides, for everybody who installs the package, which file each dependency is. Here an entry
comes from another server than the others, without encryption, or is a file of another package than the one it is called.

Lock files made behind a company's mirror name that mirror throughout; that is untidy, but it is one place. Aliases (\`npm:\`) are
declared as such and pass.`,
  literals: ["npm-shrinkwrap", "lockfileversion"],
  *detect(tree) {
    const file = tree.file("npm-shrinkwrap.json");
    if (file === undefined || file.bytes.length > 32 << 20) return;
    const entries = readEntries(file);
    const hosts = Map.groupBy(entries, (entry) => entry.host);
    const usual = [...hosts].sort((a, b) => b[1].length - a[1].length)[0]?.[0];
    for (const entry of entries) {
      const share = shareOf(entry, usual, entries.length);
      if (share === 0) continue;
      const at = file.text.indexOf(entry.resolved);
      const says = `${entry.name} is resolved to ${entry.resolved.slice(0, 160)}`;
      yield { path: file.path, line: at < 0 ? null : file.lineAt(at), says, phase: "install", share };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "package.json": "{}",
          "npm-shrinkwrap.json": `{"lockfileVersion":1,"dependencies":{"a":{"resolved":"https://r.example.invalid/a/-/a-1.0.0.tgz"},
"b":{"resolved":"https://r.example.invalid/b/-/b-1.0.0.tgz"},"c":{"resolved":"https://other.example.invalid/c/-/c-1.0.0.tgz"}}}`,
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "package.json": "{}",
          "npm-shrinkwrap.json": `{"lockfileVersion":3,"packages":{"node_modules/a":{"resolved":"https://r.example.invalid/a/-/a-1.0.0.tgz"},
"node_modules/@s/b":{"resolved":"https://r.example.invalid/@s/b/-/b-1.0.0.tgz"},"node_modules/c":{"name":"d","resolved":"https://r.example.invalid/d/-/d-1.tgz"}}}`,
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": "{}",
          "npm-shrinkwrap.json": `{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","resolved":"https://example.invalid/a.tgz"}}}`,
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": "{}",
          "npm-shrinkwrap.json": `{"lockfileVersion":2,"packages":{"node_modules/a":{"resolved":"https://r.example.invalid/a/-/a-1.0.0.tgz"},
"node_modules/a/node_modules/b":{"resolved":"https://r.example.invalid/evil/-/evil-1.0.0.tgz"}}}`,
        },
      },
    ],
  },
};

function shareOf({ name, resolved, host }: Entry, usual: string | undefined, total: number): number {
  if (/^git|^(?:https:\/\/)?(?:codeload\.)?github\.com|^file:/i.test(resolved)) return 0;
  if (/^http:/i.test(resolved)) return host === usual ? 0.3 : 1;
  if (host !== usual && total >= 3) return 1;
  const path = pathOf(resolved);
  if (!OF_REGISTRY.test(path)) return host === "" ? 0 : 0.95;
  return path.includes("/-/") && !path.includes(`/${name}/-/`) ? 1 : 0;
}

/** How registries lay out their files; what lies elsewhere is a file that somebody put on a server. */
const OF_REGISTRY = /\/-\/|\/download\/|\/~\/|\/npm\//;

function pathOf(resolved: string): string {
  try {
    return decodeURIComponent(URL.parse(resolved)?.pathname ?? "");
  } catch {
    return "";
  }
}

/** Entries of all lock file versions: `packages` by place, `dependencies` nested. */
function readEntries(file: SourceFile): readonly Entry[] {
  const root = readJson(file);
  const entries: Entry[] = [];
  for (const [place, value] of Object.entries(objectOf(root["packages"])).slice(0, MOST_ENTRIES)) {
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    addEntry(entries, name, objectOf(value));
  }
  if (entries.length > 0) return entries;
  const open = [{ node: root, depth: 0 }];
  for (let at = open.pop(); at !== undefined && entries.length < MOST_ENTRIES; at = open.pop()) {
    for (const [name, value] of Object.entries(objectOf(at.node["dependencies"]))) {
      addEntry(entries, name, objectOf(value));
      if (at.depth < MOST_DEPTH) open.push({ node: objectOf(value), depth: at.depth + 1 });
    }
  }
  return entries;
}

function addEntry(entries: Entry[], place: string, value: Readonly<Record<string, unknown>>): void {
  const { resolved, name, version } = value;
  if (typeof resolved !== "string" || !/^https?:/i.test(resolved)) return;
  // Lock file version 1 writes an alias as `npm:other@1.0.0` where the version stands.
  const alias = typeof version === "string" ? /^npm:(@?[^@]{1,214})@/.exec(version)?.[1] : undefined;
  const called = typeof name === "string" ? name : (alias ?? place);
  entries.push({ name: called, resolved, host: URL.parse(resolved)?.host ?? "" });
}

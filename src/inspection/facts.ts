import { isMember } from "./detectors/_sight.ts";
import type { InspectionFacts, ReleaseTree, SourceFile } from "./model.ts";

/** URLs kept of one artifact. */
const MOST_URLS = 500;
/** Files over this many bytes are searched in their first part only: data files of many megabytes hold no program. */
const SEARCHED_BYTES = 4 << 20;
const URL = /\b(?:https?|ftp|wss?):\/\/[^\s"'`<>\\)\]}|^]{4,500}/gi;

/** What later assessments need of the tree without unpacking it again; bounded. */
export function factsOf(tree: ReleaseTree): InspectionFacts {
  const members = tree.files.filter(isMember);
  const { manifest } = tree;
  return {
    form: tree.form,
    ecosystem: tree.ecosystem,
    ...(manifest === undefined ? {} : { name: manifest.name, version: manifest.version }),
    hooks: manifest?.hooks ?? {},
    dependencies: manifest?.dependencies ?? {},
    urls: urlsOf(tree.files),
    files: members.length,
    unpackedBytes: members.reduce((sum, file) => sum + file.bytes.length, 0),
  };
}

/** Addresses in code and manifests, decoded layers first because what is hidden matters most, then in the order of the files. */
function urlsOf(files: readonly SourceFile[]): readonly string[] {
  const urls = new Set<string>();
  const layers = files.filter((file) => !isMember(file));
  for (const file of [...layers, ...files.filter(isMember)]) {
    if (!mayHoldUrls(file)) continue;
    const bytes = file.bytes.subarray(0, SEARCHED_BYTES);
    for (const match of bytes.toString("latin1").matchAll(URL)) {
      urls.add(match[0].replace(/[.,;:!?]+$/, ""));
      if (urls.size >= MOST_URLS) return [...urls];
    }
  }
  return [...urls];
}

const SILENT = new Set(["image", "binary", "archive", "markdown", "html"]);

function mayHoldUrls(file: SourceFile): boolean {
  return !SILENT.has(file.kind) && file.bytes.includes("://");
}

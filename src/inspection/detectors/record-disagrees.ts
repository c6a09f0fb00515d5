import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { isMember } from "./_sight.ts";

export const recordDisagrees: Detector = {
  id: "record-disagrees",
  title: "The wheel holds files that its RECORD does not describe",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 3,
  class: "threat",
  group: "container",
  why: `A wheel lists each of its files with a hash in \`RECORD\`. Files that are missing there, or whose hash differs, were added or
changed after the wheel was built; installers that trust the list and scanners that trust the archive then see different contents.

Repackaging tools that forget to rewrite the list cause the same; the index itself refuses such wheels since February 2026.`,
  *detect(tree) {
    if (tree.form !== "wheel") return;
    const record = tree.files.find((file) => isMember(file) && /^[^/]{1,200}\.dist-info\/RECORD$/.test(file.path));
    if (record === undefined) {
      yield {
        path: "",
        line: null,
        phase: "install",
        says: "has no RECORD, so that nothing says which files belong to it",
      };
      return;
    }
    yield* differences(tree, record);
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/__init__.py": "", "demo-1.0.dist-info/RECORD": "demo-1.0.dist-info/RECORD,,\n" },
      },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "a.py": "x = 1\n", "demo-1.0.dist-info/RECORD": "a.py,sha256=AAAA,6\ndemo-1.0.dist-info/RECORD,,\n" },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "a.py": "",
          "demo-1.0.dist-info/RECORD":
            "a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\ndemo-1.0.dist-info/RECORD,,\n",
        },
      },
      { ecosystem: "pypi", files: { "setup.py": "" } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "late.pth": "",
          "a.py": "",
          "demo-1.0.dist-info/RECORD":
            "./late.pth,sha256=AAAA,0\na.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\ndemo-1.0.dist-info/RECORD,,\n",
        },
      },
    ],
  },
};

function* differences(tree: ReleaseTree, record: SourceFile) {
  const listed = readRecord(record.text);
  for (const file of tree.files) {
    if (!isMember(file) || file.path.includes("!/") || mayBeMissing(file.path)) continue;
    const digest = listed.get(file.path);
    if (digest === undefined) {
      yield { path: file.path, line: null, phase: "install" as const, says: "is not listed in RECORD" };
    } else if (
      digest.startsWith("sha256=") &&
      digest.slice(7) !== Buffer.from(file.sha256, "hex").toString("base64url")
    ) {
      yield { path: file.path, line: null, phase: "install" as const, says: "has another hash than RECORD says" };
    }
  }
}

/** The list itself and its signatures are not in it. */
function mayBeMissing(path: string): boolean {
  return /^[^/]{1,200}\.dist-info\/(?:RECORD(?:\.jws|\.p7s)?|direct_url\.json|INSTALLER|REQUESTED)$/.test(path);
}

/** Path → digest of a RECORD, a CSV file (PEP 376, PEP 427). */
function readRecord(text: string): ReadonlyMap<string, string> {
  const listed = new Map<string, string>();
  for (const line of text.split("\n", 200_000)) {
    const match = /^(?:"((?:[^"]|"")*)"|([^,"]*)),([^,]*)/.exec(line.trimEnd());
    if (match === null) continue;
    const path = match[1]?.replaceAll('""', '"') ?? match[2] ?? "";
    listed.set(path.replaceAll("\\", "/").replace(/^\.\//, ""), match[3] ?? "");
  }
  return listed;
}

import type { Detector } from "../detector.ts";
import type { ReleaseTree } from "../model.ts";
import { isMember } from "./_sight.ts";

export const startsWithInterpreter: Detector = {
  id: "starts-with-interpreter",
  title: "Ships a module that Python imports at every start",
  severity: "high",
  ecosystems: ["pypi"],
  points: 4.2,
  class: "threat",
  group: "interpreter-start",
  why: `Python imports \`sitecustomize\` and \`usercustomize\` by itself whenever it starts. A release that installs one of them runs in
every program of the environment, imported or not.

A few tracing agents used to ship one; today they let the user start them.`,
  *detect(tree) {
    for (const file of tree.files) {
      if (!isMember(file)) continue;
      const name = installedPath(file.path, tree.form);
      if (!/^(?:sitecustomize|usercustomize)(?:\.py|\.pyc|\/__init__\.py|\.[\w.-]{0,60}(?:so|pyd))$/.test(name))
        continue;
      const share = tree.form !== "sdist" || isPacked(tree, name) ? 1 : 0.4;
      yield { path: file.path, line: null, phase: "start", says: "is imported by Python at every start", share };
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", form: "wheel", files: { "sitecustomize.py": "x = 1\n" } },
      { ecosystem: "pypi", form: "sdist", files: { "src/usercustomize.py": "x = 1\n" } },
    ],
    passes: [
      { ecosystem: "pypi", form: "wheel", files: { "demo/sitecustomize.py": "x = 1\n" } },
      { ecosystem: "pypi", form: "sdist", files: { "tests/data/sitecustomize.py": "x = 1\n" } },
    ],
    evasions: [{ ecosystem: "pypi", form: "wheel", files: { "demo-1.0.data/purelib/sitecustomize.py": "x = 1\n" } }],
  },
};

/** Path below site-packages: without the top folder and \`src/\` of an sdist, without the data scheme of a wheel. */
function installedPath(path: string, form: string): string {
  if (form === "sdist") return path.replace(/^[^/]{1,200}\//, "").replace(/^src\//, "");
  return path.replace(/^[^/]{1,200}\.data\/(?:purelib|platlib)\//, "");
}

/** Whether a source release installs what lies at its top: setuptools takes it from `src` by itself, from elsewhere when told. */
function isPacked({ files }: ReleaseTree, name: string): boolean {
  const module = name.split(/[./]/, 1)[0]!;
  return files.some(
    (file) =>
      file.path.endsWith(`/src/${name}`) ||
      (/(?:^|\/)(?:setup\.py|setup\.cfg|pyproject\.toml|top_level\.txt)$/.test(file.path) &&
        file.text.includes(module)),
  );
}

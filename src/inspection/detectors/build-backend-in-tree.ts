import { parse } from "smol-toml";
import { isUnknown } from "../behaviour/commands.ts";
import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { isMember, sight } from "./_sight.ts";

export const buildBackendInTree: Detector = {
  id: "build-backend-in-tree",
  title: "The build backend is part of the release and acts beyond building",
  severity: "high",
  ecosystems: ["pypi"],
  points: 4.2,
  class: "threat",
  group: "setup-acts",
  why: `\`pyproject.toml\` names a build backend inside the release (\`backend-path\`, [PEP 517](https://peps.python.org/pep-0517/#in-tree-build-backends)), so
its code runs when the release is installed, just like \`setup.py\`; and that code starts programs or talks to servers.

Projects wrap a standard backend to compute a version or to compile something; build tools that they start are recognised and pass.`,
  literals: ["backend-path"],
  *detect(tree) {
    for (const backend of backends(tree)) {
      const deed = deedsOf(backend, "start", "http", "upload", "dns", "socket", "run-code").find(
        (one) => one.command?.builds !== true && one.act !== "run-code",
      );
      if (deed === undefined) continue;
      const share = deed.act === "start" ? (isUnknown(deed.text) ? 0.2 : 0.7) : deed.act === "http" ? 0.6 : 1;
      yield sight(backend, deed.offset, `the build backend uses ${deed.what} ${deed.text.slice(0, 100)}`.trimEnd(), {
        phase: "install",
        share,
      });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "back"\nbackend-path = ["."]\n',
          "back.py": "import os\nos.system('curl http://example.invalid/x')\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "back"\nbackend-path = ["."]\n',
          "back.py": "from setuptools.build_meta import *\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "pyproject.toml": '[build-system]\nbuild-backend = "hatchling.build"\n',
          "a.py": "import os\nos.system('x')\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "pyproject.toml":
            '[build-system]\nrequires = []\nbuild-backend = "tools.back:api"\nbackend-path = [".", "tools"]\n',
          "tools/back.py": "from subprocess import run as r\nr(['curl', 'http://example.invalid/x'])\n",
        },
      },
    ],
  },
};

/** The files of the modules that the top-level pyproject.toml names as in-tree backend. */
function* backends(tree: ReleaseTree): Iterable<SourceFile> {
  for (const project of tree.files) {
    if (!isMember(project) || !/^(?:[^/]{1,200}\/)?pyproject\.toml$/.test(project.path) || !project.has("backend-path"))
      continue;
    const system = buildSystem(project.text);
    const module = String(system["build-backend"] ?? "").split(":", 1)[0] ?? "";
    const folders = Array.isArray(system["backend-path"]) ? system["backend-path"].slice(0, 20).map(String) : [];
    const top = project.path.slice(0, -"pyproject.toml".length);
    for (const folder of folders) {
      const base = `${top}${folder === "." || folder === "" ? "" : `${folder.replace(/^\.\//, "").replace(/\/$/, "")}/`}${module.replaceAll(".", "/")}`;
      for (const path of [`${base}.py`, `${base}/__init__.py`]) {
        const file = tree.file(path);
        if (file !== undefined) yield file;
      }
    }
  }
}

function buildSystem(text: string): Record<string, unknown> {
  try {
    const system = parse(text)["build-system"];
    return typeof system === "object" && system !== null ? (system as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

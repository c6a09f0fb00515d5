import type { InspectionFacts } from "../inspection/model.ts";
import type { Plan, Step } from "./model.ts";
import type { Python } from "./probe.ts";

/** What is to be detonated: the file and what inspection learnt of it. */
export interface Subject {
  /** Absolute path on this machine. */
  readonly path: string;
  readonly filename: string;
  readonly facts: InspectionFacts;
}

/** Programs of this machine that plans use. */
export interface Programs {
  readonly node: string;
  readonly python: Python | undefined;
}

/** Why there is no plan, or what to run: the file's own steps and those of a harmless package to compare with. */
export type Planned = { readonly plan: Plan; readonly baseline: Plan } | { readonly because: string };

/** What installing and importing `subject` means, for PyPI and npm; a package of NuGet does nothing without the .NET SDK. */
export function planFor(subject: Subject, programs: Programs): Planned {
  const { ecosystem, form } = subject.facts;
  if (ecosystem === "npm") return planNpm(subject, programs);
  if (ecosystem === "pypi" && (form === "sdist" || form === "wheel")) {
    return programs.python === undefined
      ? { because: "there is no Python with pip on this machine" }
      : planPython(subject, programs.python);
  }
  return { because: `a package of the form ${form} runs nothing by itself that could be detonated here` };
}

// ---- PyPI

function planPython({ path, filename, facts }: Subject, python: Python): Planned {
  const name = facts.name ?? "unknown";
  const to = `/artifact/${filename.replace(/[^\w.+-]/g, "_")}`;
  return {
    plan: {
      ecosystem: "pypi",
      name,
      steps: pythonSteps(python, to),
      files: {},
      visible: python.folders,
      artifact: { from: path, to },
    },
    baseline: {
      ecosystem: "pypi",
      name: "harmless",
      steps: pythonSteps(python, "/work/harmless"),
      files: python.hasSetuptools ? WITH_SETUPTOOLS : WITH_ITS_OWN_BACKEND,
      visible: python.folders,
    },
  };
}

const WITH_SETUPTOOLS = {
  "work/harmless/setup.py": `from setuptools import setup\nsetup(name="harmless", version="1.0", py_modules=["harmless"])\n`,
  "work/harmless/harmless.py": "answer = 42\n",
};

/** For machines without setuptools: a package that builds itself (PEP 517 §"In-tree build backends"). */
const WITH_ITS_OWN_BACKEND = {
  "work/harmless/pyproject.toml": `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n`,
  "work/harmless/backend.py": `
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(folder + "/harmless-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("harmless.py", "answer = 42\\n")
        wheel.writestr("harmless-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: harmless\\nVersion: 1.0\\n")
        wheel.writestr("harmless-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: none\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("harmless-1.0.dist-info/RECORD", "")
    return "harmless-1.0-py3-none-any.whl"
`,
};

function pythonSteps({ executable, tools }: Python, target: string): Step[] {
  const options = ["--no-input", "--no-deps", "--no-index", "--no-build-isolation", "--no-cache-dir"];
  const install = [executable, "-m", "pip", "install", ...options, "--target", "/work/site", target];
  const env = {
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PIP_NO_INDEX: "1",
    ...(tools === undefined ? {} : { PYTHONPATH: tools }),
  };
  return [
    { name: "install", phase: "install", argv: install, cwd: "/work", env },
    { name: "start", phase: "start", argv: [executable, "-c", ADD_SITE], cwd: "/work", env: {} },
    { name: "import", phase: "import", argv: [executable, "-c", IMPORT_ALL], cwd: "/work", env: {} },
  ];
}

/** A folder of packages as the interpreter reads it when it starts: with its .pth files. */
const ADD_SITE = `import site; site.addsitedir("/work/site")`;
const IMPORT_ALL = `
import importlib, os, re, site, sys, traceback
site.addsitedir("/work/site")
names = sorted({m.group(1) for m in (re.match(r"([A-Za-z_]\\w*)(?:\\.py|\\.[\\w.-]+\\.so)?$", n) for n in os.listdir("/work/site")) if m} - {"bin", "share", "__pycache__"})
for name in names[:50]:
    try:
        importlib.import_module(name)
    except BaseException:
        traceback.print_exc(limit=-1)
        sys.stderr.flush()
`;

// ---- npm

/** Install scripts in the order npm runs them for a dependency (npm scripts, "Life Cycle Operation Order"). */
const LIFECYCLE = ["preinstall", "install", "postinstall"] as const;

function planNpm({ path, facts }: Subject, { node }: Programs): Planned {
  const name = facts.name ?? "";
  if (!/^(?:@[\w.~-]{1,100}\/)?[\w.~-]{1,214}$/.test(name) || /(?:^|\/)\.\.?(?:\/|$)/.test(name)) {
    return { because: "its name is none that npm could install" };
  }
  const folder = `/work/node_modules/${name}`;
  const visible = node.startsWith("/usr/") ? [] : [node];
  const env = (event: string) => ({
    npm_lifecycle_event: event,
    npm_package_name: name,
    npm_package_version: facts.version ?? "",
    npm_config_user_agent: "npm/11.0.0 node/v26.0.0 linux x64 workspaces/false",
    npm_node_execpath: node,
    npm_execpath: "/usr/lib/node_modules/npm/bin/npm-cli.js",
    INIT_CWD: "/work",
    NODE: node,
  });
  const scripts = LIFECYCLE.flatMap((event): Step[] => {
    const script = facts.hooks[event];
    const wrapped = `PATH="$PATH:$(dirname "$NODE")"; ${script}`;
    return script === undefined
      ? []
      : [{ name: event, phase: "install", argv: ["sh", "-c", wrapped], cwd: folder, env: env(event) }];
  });
  const load: Step = { name: "import", phase: "import", argv: [node, "-e", LOAD, name], cwd: "/work", env: {} };
  const artifact = "/artifact/package.tgz";
  const unpack = `mkdir -p "$1" && tar -xzf ${artifact} --strip-components=1 --no-same-owner -C "$1"`;
  return {
    plan: {
      ecosystem: "npm",
      name,
      steps: [
        { name: "unpack", phase: "install", argv: ["sh", "-c", unpack, "sh", folder], cwd: "/work", env: {} },
        ...scripts,
        load,
      ],
      files: { "work/package.json": `{"name":"app","version":"1.0.0"}\n` },
      visible,
      artifact: { from: path, to: artifact },
    },
    baseline: {
      ecosystem: "npm",
      name: "harmless",
      steps: [
        {
          name: "install",
          phase: "install",
          argv: ["sh", "-c", `PATH="$PATH:$(dirname "$NODE")"; node -e 0`],
          cwd: "/work",
          env: env("install"),
        },
        { ...load, argv: [node, "-e", LOAD, "harmless"] },
      ],
      files: {
        "work/package.json": `{"name":"app","version":"1.0.0"}\n`,
        "work/node_modules/harmless/package.json": `{"name":"harmless","version":"1.0.0","main":"index.js"}\n`,
        "work/node_modules/harmless/index.js": "exports.answer = 42;\n",
      },
      visible,
    },
  };
}

const LOAD = `import(process.argv[1]).catch((error) => { console.error(String(error && error.message)); process.exitCode = 1; })`;

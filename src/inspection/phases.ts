import { posix } from "node:path";
import type { Layout } from "./layout.ts";
import { LONGEST_COMMAND, NPM_INSTALL_HOOKS } from "./manifests-npm.ts";
import { backendPlaces } from "./manifests-python.ts";
import type { FileKind, Manifest, Phase } from "./model.ts";
import { placedAt } from "./placed.ts";
import type { DraftFile } from "./source-file.ts";
import { noteUnread } from "./unread.ts";

/** A member with its place once installed. */
export interface PlacedFile {
  readonly file: DraftFile;
  readonly place: string;
}

/** Names of files that are followed from one file. */
const MOST_REFERENCES = 20_000;

const CODE: ReadonlySet<FileKind> = new Set(
  "python javascript typescript powershell shell batch pth msbuild executable dotnet pyc".split(" ") as FileKind[],
);

/** Run by an interpreter, editor or coding agent when it starts beside the files. */
const AT_START =
  /(?:^|\/)(?:(?:site|user)customize(?:\.py|\.pyc|\/__init__\.py)|\.vscode\/(?:tasks|settings|launch)\.json|\.claude\/.+|CLAUDE\.md|AGENTS\.md|GEMINI\.md|\.cursorrules|\.cursor\/.+|\.windsurfrules|\.clinerules|\.mcp\.json|mcp\.json|\.opencode\/.+|\.gemini\/.+|\.devcontainer\/.+|\.idea\/.+|\.github\/copilot-instructions\.md|[^/]+\.code-workspace)$|\.pth$/;

/** Sets each file's phase: install before start before import before call; data, documentation and pictures have none. */
export function assignPhases(members: readonly PlacedFile[], layout: Layout, manifests: readonly Manifest[]): void {
  const byPlace = new Map(members.map((member) => [member.place, member]));
  const atInstall = reach(installRoots(members, byPlace, layout, manifests), byPlace);
  const atImport = layout.form === "npm" ? entryPoints(manifests, byPlace, layout) : new Set<PlacedFile>();
  const atStart = layout.form === "npm" ? new Set<PlacedFile>() : namedByPth(members, byPlace);
  for (const member of members) {
    member.file.phase = atInstall.has(member)
      ? "install"
      : atStart.has(member)
        ? "start"
        : atImport.has(member)
          ? "import"
          : ordinaryPhase(member, layout);
    if ((atInstall.get(member) ?? 0) > NEAR) member.file.isFar = true;
  }
  if (layout.form !== "npm" && layout.form !== "nupkg") nameCallers(new Set(atInstall.keys()));
  if (layout.form === "sdist" || layout.form === "wheel") setApart(members, layout);
}

/** Folders for developers: of tests anywhere, of the rest beside the packages; and modules of tests. */
const FOR_DEVELOPERS =
  /(?:^|\/)(tests?|testing|_tests|testsuite|test_\w{1,60})\/|^(docs?|examples?|samples?|demos?|benchmarks?|bench|scripts?|tools?|ci|contrib|devscripts|maint|packaging|\.github|notebooks|tutorials?)\/|(?:^|\/)(testing|conftest|test_\w{1,80}|\w{1,80}_tests?)\.py$/i;

function setApart(members: readonly PlacedFile[], { form }: Layout): void {
  const notPacked = form === "sdist" ? modulesNotPacked(members) : new Set<PlacedFile>();
  if (members.some((member) => packsByName(member))) for (const { file } of notPacked) file.phase = "call";
  const early = members.filter(({ file }) => file.phase !== "call" && file.phase !== "none" && file.kind === "python");
  const named = new Map<string, boolean>();
  for (const member of members) {
    const { file, place } = member;
    if (notPacked.has(member)) file.apart = true;
    if (file.phase !== "call" || !CODE.has(file.kind)) continue;
    const match = FOR_DEVELOPERS.exec(place);
    const folder = match?.[1] ?? match?.[2] ?? match?.[3];
    if (folder === undefined) continue;
    let isNamed = named.get(folder);
    if (isNamed === undefined) {
      isNamed = named.size >= MOST_FOLDERS || early.some((one) => importsFolder(one.file, folder));
      named.set(folder, isNamed);
    }
    if (!isNamed) file.apart = true;
  }
}

const MOST_FOLDERS = 50;
/** Characters of a file that says what is installed. */
const MOST_TOLD = 8 << 20;

/** Modules at the top of a source release that it says it does not install, and that what installing runs does not name. */
function modulesNotPacked(members: readonly PlacedFile[]): ReadonlySet<PlacedFile> {
  const lists = members.filter(({ place }) => /^(?:src\/)?[^/]{1,200}\.egg-info\/top_level\.txt$/.test(place));
  if (lists.length === 0 && !members.some((member) => packsByName(member))) return new Set();
  const told = [...lists, ...members.filter(({ place }) => /^(?:setup\.py|setup\.cfg|pyproject\.toml)$/.test(place))];
  const words = new Set(told.flatMap(({ file }) => file.text.slice(0, MOST_TOLD).match(/\w{1,100}/g) ?? []));
  for (const { file } of told)
    for (const [name] of file.text.slice(0, MOST_TOLD).matchAll(DASHED)) words.add(name.replace(/[-.]/g, "_"));
  return new Set(
    members.filter(({ file, place }) => {
      const module = /^(\w{1,100})\.py$/.exec(place)?.[1];
      return module !== undefined && file.phase === "import" && !words.has(module);
    }),
  );
}

/** The name of a project, whose module has it with other marks between. */
const DASHED = /\w{1,100}(?:[-.]\w{1,60}){1,8}/g;
/** Backends that pack the module of the project's name, or what they are told to by name. */
const BACKEND_BY_NAME = /^[ \t]*build-backend[ \t]*=[ \t]*["'](?:flit_core\.buildapi|hatchling\.build)["']/m;
/** What a text in quotes says of any module at the top. */
const ANY_MODULE = /["'](?:\.?\/)?(?:\*\*\/)?(?:[^"'\n/]{0,100}\*[^"'\n/]{0,100}|\.)?["']/;

/** Whether it is a manifest by which only modules that it names are installed. */
function packsByName({ file, place }: PlacedFile): boolean {
  if (place !== "pyproject.toml") return false;
  const text = file.text.slice(0, MOST_TOLD).replaceAll('"""', "");
  return BACKEND_BY_NAME.test(text) && !ANY_MODULE.test(text);
}

/** Whether the file imports from a folder of this name, or starts a file in it. */
function importsFolder(file: DraftFile, folder: string): boolean {
  if (!file.bytes.includes(folder)) return false;
  const import_ = `(?:import|from)[ \\t][^\\n#]{0,200}\\b${folder}\\b`;
  const path = `["'](?:[\\w.-]{1,60}/){0,4}${folder}/[\\w./-]{1,200}\\.\\w{1,10}["']`;
  return new RegExp(`${import_}|${path}`).test(file.text.slice(0, MOST_READ));
}

/** Modules that a `.pth` file imports at every start, wherever in a source release they lie. */
function namedByPth(members: readonly PlacedFile[], byPlace: ReadonlyMap<string, PlacedFile>): ReadonlySet<PlacedFile> {
  const named = new Set<PlacedFile>();
  for (const { file, place } of members) {
    if (file.kind !== "pth") continue;
    for (const [, module] of references(file, PTH_IMPORT)) {
      for (const path of modulePlaces(module!, "")) {
        const found = byPlace.get(path) ?? byPlace.get(posix.join(posix.dirname(place), path));
        if (found !== undefined) named.add(found);
      }
    }
  }
  return named;
}

const PTH_IMPORT = /^import[ \t]{1,20}([A-Za-z_][\w.]{0,200})/gm;

/** A setup script runs what it names of the modules that it imports, and pip what the standard asks of a build backend. */
function nameCallers(atInstall: ReadonlySet<PlacedFile>): void {
  const scripts = [...atInstall].filter(({ place }) => /(?:^|\/)setup\.py$/.test(place));
  const names = new Set(BACKEND_HOOKS);
  for (const { file } of scripts) {
    const { tokens } = file;
    for (let at = 0; at < tokens.length && names.size < MOST_NAMES; at++)
      if (tokens.kind(at) === "name") names.add(tokens.text(at));
  }
  for (const { file, place } of atInstall) {
    if (file.kind === "python" && !/(?:^|\/)setup\.py$/.test(place)) file.calledAs = names;
  }
}

const MOST_NAMES = 20_000;
/** https://peps.python.org/pep-0517/#build-backend-interface and PEP 660. */
const BACKEND_HOOKS: readonly string[] = ["wheel", "sdist", "editable"].flatMap((what) => [
  `build_${what}`,
  `get_requires_for_build_${what}`,
  `prepare_metadata_for_build_${what}`,
]);

function ordinaryPhase({ file, place }: PlacedFile, { form }: Layout): Phase {
  if (AT_START.test(place)) return "start";
  if (!CODE.has(file.kind)) return "none";
  if (form === "nupkg") return /^(?:lib|analyzers|ref)\//i.test(place) ? "import" : "call";
  const name = place.replace(/^src\//, "");
  const python = file.kind === "python" || file.kind === "pyc";
  if (python && !TEST_FOLDER.test(place) && (/(?:^|\/)__init__\.pyc?$/.test(place) || isTopModule(name, form)))
    return "import";
  return "call";
}

const TEST_FOLDER = /(?:^|\/)(?:tests?|testing|docs?|examples?|benchmarks?)\//i;
const TOOL_FILES = /^(?:conftest|noxfile|tasks|fabfile|versioneer|ez_setup|runtests|manage|dodo)\.py$/;

/** A module beside the packages, which importing the distribution loads: `six.py`. */
function isTopModule(place: string, form: Layout["form"]): boolean {
  return (form === "wheel" || form === "sdist") && !place.includes("/") && !TOOL_FILES.test(place);
}

function installRoots(
  members: readonly PlacedFile[],
  byPlace: ReadonlyMap<string, PlacedFile>,
  { form }: Layout,
  manifests: readonly Manifest[],
): PlacedFile[] {
  const placed = members.map(({ file, place }) => placedAt(file, place));
  const pick = (wanted: (member: PlacedFile) => boolean) => members.filter(wanted);
  switch (form) {
    case "npm":
      return [...manifests.flatMap((manifest) => hookFiles(manifest, byPlace)), ...addonFiles(members, byPlace)];
    case "nupkg":
      return pick(({ file, place }) => runsInNuGet(file.kind, place));
    case "wheel":
      // A zip that is not called .whl is a source archive to pip, whatever else it holds.
      return pick(({ place }) => place === "setup.py");
    case "sdist": {
      const backends = new Set(backendPlaces(placed));
      const scripts = pick(({ place }) => place === "setup.py" || backends.has(place));
      // Packed without its top folder, or with one more: pip refuses some of these, a person goes to where the script is.
      return scripts.length > 0 || byPlace.has("pyproject.toml")
        ? scripts
        : pick(({ place }) => ASIDE_SETUP.test(place));
    }
    default:
      return pick(({ place }) => /(?:^|\/)setup\.py$/.test(place));
  }
}

const ASIDE_SETUP = /^[^/]{1,200}\/setup\.py$/;

function runsInNuGet(kind: FileKind, place: string): boolean {
  if (/^tools\//i.test(place)) return kind === "powershell";
  return /^build[^/]*\//i.test(place) && (CODE.has(kind) || /\.(?:props|targets)$/i.test(place));
}

const MOST_EXPANSIONS = 100;
const EXPANSION = /<!@?\(([^\n]{1,2000})/g;

/** node-gyp reads binding.gyp and the files it includes, and runs the commands in them, with the files that these name. */
function addonFiles(members: readonly PlacedFile[], byPlace: ReadonlyMap<string, PlacedFile>): PlacedFile[] {
  if (!byPlace.has("binding.gyp")) return [];
  const gyps = members.filter(({ file }) => file.kind === "gyp");
  const named = gyps.flatMap(({ file, place }) => {
    const expansions = references(file, EXPANSION);
    if (expansions.length > MOST_EXPANSIONS) noteUnread(file, `it runs more than ${MOST_EXPANSIONS} commands`);
    return expansions
      .slice(0, MOST_EXPANSIONS)
      .flatMap(([, command]) =>
        wordsOf(command!).flatMap((word) => resolve(word, posix.dirname(place), byPlace) ?? []),
      );
  });
  return [...gyps, ...named.filter(({ file }) => CODE.has(file.kind))];
}

/** Files that an npm manifest's install commands name, `npm run` followed. */
function hookFiles(manifest: Manifest, byPlace: ReadonlyMap<string, PlacedFile>): PlacedFile[] {
  const self = [...byPlace.values()].find(({ file }) => file.path === manifest.path);
  const folder = self === undefined ? "" : posix.dirname(self.place);
  const scripts = ((manifest.raw as { scripts?: unknown }).scripts ?? {}) as Readonly<Record<string, unknown>>;
  const commands = NPM_INSTALL_HOOKS.flatMap((name) => manifest.hooks[name] ?? []);
  const found: PlacedFile[] = [];
  for (let next = 0; next < commands.length && next < 20; next++) {
    for (const word of wordsOf(commands[next]!)) {
      const script = scripts[word];
      if (typeof script === "string" && !commands.includes(script)) commands.push(script);
      const file = resolve(word, folder, byPlace);
      if (file !== undefined) found.push(file);
    }
  }
  return found;
}

function wordsOf(command: string): string[] {
  return [...new Set(command.slice(0, LONGEST_COMMAND).split(/[\s"'`;&|()<>=]+/))];
}

/** Where Node.js finds `name` from `folder`: itself, with an extension, or a folder's index. */
function resolve(name: string, folder: string, byPlace: ReadonlyMap<string, PlacedFile>): PlacedFile | undefined {
  if (name === "" || name.length > 500) return undefined;
  const base = posix.join(folder, name.replaceAll("\\", "/")).replace(/\/$/, "");
  for (const ending of ["", ".js", ".cjs", ".mjs", ".ts", ".json", ".node", "/index.js", "/index.cjs", "/index.mjs"]) {
    const file = byPlace.get(posix.normalize(base + ending));
    if (file !== undefined) return file;
  }
  return undefined;
}

/** Steps from what is run at install within which functions of a file are taken to be called. */
const NEAR = 3;

/** `roots` and the program files of the artifact that they load, with the number of steps from file to file that lead there. */
function reach(
  roots: readonly PlacedFile[],
  byPlace: ReadonlyMap<string, PlacedFile>,
): ReadonlyMap<PlacedFile, number> {
  const reached = new Map(roots.map((root) => [root, 0]));
  let frontier: readonly PlacedFile[] = roots;
  // Each file is read once, however long the chain is that leads to it.
  for (let step = 0; frontier.length > 0; step++) {
    const next: PlacedFile[] = [];
    for (const member of frontier) {
      for (const loaded of loadedBy(member, byPlace, step)) {
        if (reached.has(loaded) || !CODE.has(loaded.file.kind)) continue;
        reached.set(loaded, step + 1);
        next.push(loaded);
      }
    }
    frontier = next;
  }
  return reached;
}

/** Characters that are searched for names of other files. */
const MOST_READ = 32 << 20;
/** Relative module names in `require("./x")`, `import "./x"` and `from "./x"`, and any other quoted relative file. */
const NODE_REFERENCE = /["'`](\.{1,2}\/[^"'`\n]{1,300})["'`]/g;
const PYTHON_IMPORT =
  /^[ \t]{0,20}(?:from|import)[ \t]+(\.?[A-Za-z_][\w.]{0,200})(?:[ \t]+import[ \t]+\(?([\w, \t]{1,500}))?/gm;
const PYTHON_FILE = /["']([\w./-]{1,300}\.\w{1,10})["']/g;

/** What install commands are made of: a package that setup.py takes them from is an install script in parts. */
const DEFINES_COMMANDS = /\b(?:setuptools|distutils)\.command\b|\bcmdclass\b/;
/** Modules are loaded by the path of their file, which is often joined from parts. */
const LOADS_FILES = /spec_from_file_location|SourceFileLoader|load_source|run_path|\bexec\b/;

/** Files that a setup script puts in their place: what it copies, and commands that it installs, up to some characters of a list. */
const PUTS =
  /\bcopy(?:file|2)?\(\s{0,40}["'][^"'\n]{1,300}["']\s{0,40},|\bscripts\s{0,10}=\s{0,10}\[[^[\]()]{1,4000}\]/g;

/** The quoted files that a setup script speaks of only to put them in their place, and does not run. */
function onlyInstalled(text: string): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const [put] of text.slice(0, MOST_TOLD).matchAll(PUTS))
    for (const [name] of put.matchAll(PYTHON_FILE)) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size === 0) return new Set();
  const all = new Map<string, number>();
  for (const [name] of text.matchAll(PYTHON_FILE)) if (counts.has(name)) all.set(name, (all.get(name) ?? 0) + 1);
  return new Set([...counts.keys()].filter((name) => counts.get(name) === all.get(name)));
}

/** Files of the artifact with such a name in whatever folder, where one alone has it. */
function filesNamed(names: readonly string[], byPlace: ReadonlyMap<string, PlacedFile>): PlacedFile[] {
  const wanted = new Set(names.filter((name) => !name.includes("/")));
  if (wanted.size === 0) return [];
  const found = Map.groupBy(byPlace.entries(), ([place]) => posix.basename(place));
  return [...wanted].flatMap((name) => {
    const places = found.get(name) ?? [];
    return places.length === 1 ? [places[0]![1]] : [];
  });
}

function loadedBy({ file, place }: PlacedFile, byPlace: ReadonlyMap<string, PlacedFile>, step: number): PlacedFile[] {
  if (file.bytes.length > MOST_READ) return [];
  const folder = posix.dirname(place);
  if (file.kind === "javascript" || file.kind === "typescript") {
    return references(file, NODE_REFERENCE).flatMap(([, name]) => resolve(name!, folder, byPlace) ?? []);
  }
  // A package that setup.py imports usually imports all of itself; following that would make every file an install script.
  if (file.kind === "python" && (step === 0 || DEFINES_COMMANDS.test(file.text))) {
    const modules = references(file, PYTHON_IMPORT).flatMap(([, module, names]) => modulePlaces(module!, names ?? ""));
    const installed = onlyInstalled(file.text);
    const quoted = references(file, PYTHON_FILE).flatMap(([text, name]) =>
      installed.has(text) ? [] : [posix.normalize(name!)],
    );
    const loaded = LOADS_FILES.test(file.text) ? filesNamed(quoted, byPlace) : [];
    return [...modules, ...quoted]
      .flatMap((name) => byPlace.get(posix.join(folder, name)) ?? byPlace.get(name) ?? [])
      .concat(loaded);
  }
  return [];
}

function references(file: DraftFile, pattern: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  const seen = new Set<string>();
  for (const match of file.text.matchAll(pattern)) {
    if (seen.has(match[0])) continue;
    seen.add(match[0]);
    if (found.push(match) < MOST_REFERENCES) continue;
    noteUnread(file, `it names more than ${MOST_REFERENCES} files that it may load`);
    break;
  }
  return found;
}

/** `from a.b import c` loads a/__init__.py, a/b.py or a/b/__init__.py, and perhaps a/b/c.py. */
function modulePlaces(module: string, names: string): string[] {
  const parts = module.replace(/^\./, "").split(".");
  const full = parts.join("/");
  const members = names.split(",", 50).map((name) => `${full}/${name.trim().split(/\s/, 1)[0]}`);
  const modules = [...parts.map((_, i) => parts.slice(0, i + 1).join("/")), ...members];
  return modules.flatMap((name) => [`${name}.py`, `${name}/__init__.py`, `src/${name}.py`, `src/${name}/__init__.py`]);
}

/** Files that importing an npm package runs first: `main`, `module`, `browser` and all of `exports`. */
function entryPoints(
  manifests: readonly Manifest[],
  byPlace: ReadonlyMap<string, PlacedFile>,
  { place }: Layout,
): ReadonlySet<PlacedFile> {
  const manifest = manifests[0];
  if (manifest === undefined || place(manifest.path) !== "package.json") return new Set();
  const document = manifest.raw as Readonly<Record<string, unknown>>;
  const main = typeof document["main"] === "string" && document["main"] !== "" ? document["main"] : "index";
  const names = [main, ...["module", "browser", "exports"].flatMap((key) => textsIn(document[key]))];
  return new Set(names.flatMap((name) => resolve(name, "", byPlace) ?? resolve("index", "", byPlace) ?? []));
}

/** Every text in a nested value, breadth first, at most a few hundred. */
function textsIn(value: unknown): string[] {
  const texts: string[] = [];
  const queue: unknown[] = [value];
  for (let at = 0; at < queue.length && at < 1000; at++) {
    const item = queue[at];
    if (typeof item === "string") texts.push(item);
    else if (typeof item === "object" && item !== null) queue.push(...Object.values(item).slice(0, 1000));
  }
  return texts;
}

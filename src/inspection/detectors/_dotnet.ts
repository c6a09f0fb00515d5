import { type Assembly, readAssembly } from "../languages/dotnet.ts";
import { type Reached, reach } from "../languages/il.ts";
import { type Acted, act, type Call, said } from "../languages/il-run.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { noteUnread } from "../unread.ts";

/** What detectors of .NET assemblies share: reading each once, and what its members mean. */

const readBefore = new WeakMap<SourceFile, { readonly assembly: Assembly | undefined }>();

/** The file's metadata, read once; undefined when it cannot be read. */
export function assemblyOf(file: SourceFile): Assembly | undefined {
  const before = readBefore.get(file);
  if (before) return before.assembly;
  const assembly = readAssembly(file.bytes);
  readBefore.set(file, { assembly });
  if (assembly) fileOf.set(assembly, file);
  return assembly;
}

/** Readable assemblies in which one of `literals` occurs (names and string constants alike). */
export function* assembliesWith(
  tree: ReleaseTree,
  literals: readonly string[],
): Iterable<{ readonly file: SourceFile; readonly assembly: Assembly }> {
  for (const file of tree.files) {
    if (file.kind !== "dotnet" || !file.hits.hasAny(literals)) continue;
    const assembly = assemblyOf(file);
    if (assembly) yield { file, assembly };
  }
}

const fileOf = new WeakMap<Assembly, SourceFile>();
const actedBefore = new WeakMap<Assembly, Acted>();

/**
 * What the assembly's methods do once constants are worked out; computed once. Where what runs by itself was not run to its end, the
 * assembly's file is unread.
 */
export function actedOf(assembly: Assembly): Acted {
  const before = actedBefore.get(assembly);
  if (before) return before;
  const acted = act(assembly);
  actedBefore.set(assembly, acted);
  const file = fileOf.get(assembly);
  if (file && acted.cut.size > 0 && !acted.cut.isDisjointFrom(certainMethods(assembly)))
    noteUnread(file, "what it does by itself takes more steps than are followed");
  return acted;
}

/** What stands in the metadata of an assembly that may put texts together from parts, codes or other encodings. */
export const COMPOSING = [
  "frombase64",
  "tochararray",
  "initializearray",
  "reverse",
  "process",
  "webclient",
  "httpclient",
] as const;

const MOST_STRINGS = 100_000;

/** String constants (at most 100,000), what comes to be from them when the code runs, and command lines with their arguments. */
export function* textsOf(assembly: Assembly): Iterable<string> {
  let count = 0;
  for (const text of assembly.strings()) {
    if (++count > MOST_STRINGS) break;
    yield text;
  }
  const { calls, texts } = actedOf(assembly);
  yield* texts;
  for (const call of calls) if (/Process(?:StartInfo)?::(?:Start|\.ctor)$/.test(call.member)) yield said(call, " ");
}

/** Static constructors of more methods compute tables and start libraries, beyond what is followed, in packages of good faith. */
const MOST_METHODS_OF_SMALL = 500;

/** Rows of methods of which all has to be known: what the module initialiser reaches, and in small assemblies the static constructors. */
function certainMethods(assembly: Assembly): ReadonlySet<number> {
  const { moduleInitializer, typeInitializers, methods } = assembly;
  const ofModule = moduleInitializer === 0 ? [] : reach(assembly, moduleInitializer).methods;
  return new Set([...ofModule, ...(methods.length <= MOST_METHODS_OF_SMALL ? typeInitializers : [])]);
}

/** How many static constructors are followed in one assembly; generated code has thousands. */
const MOST_INITIALIZERS = 300;
const initialBefore = new WeakMap<Assembly, ReadonlySet<number>>();

/** Rows of the methods that run without being called: what module initialiser and static constructors reach. */
function initialMethods(assembly: Assembly): ReadonlySet<number> {
  let methods = initialBefore.get(assembly);
  if (!methods) {
    const starts = [assembly.moduleInitializer, ...assembly.typeInitializers.slice(0, MOST_INITIALIZERS)];
    methods = new Set(starts.filter((row) => row !== 0).flatMap((row) => [...reach(assembly, row).methods]));
    initialBefore.set(assembly, methods);
  }
  return methods;
}

/** When a call runs: in the compiler or the build, with the assembly, or when somebody calls. */
export function phaseOf(file: SourceFile, assembly: Assembly, call: Call): "install" | "import" | "call" {
  if (/^(?:analyzers|build[^/]{0,40}|tasks)\//i.test(file.path)) return "install";
  return initialMethods(assembly).has(call.method) ? "import" : "call";
}

/** Members that were reached, and those that are called there through reflection or as native functions. */
export function allMembers(assembly: Assembly, reached: Reached): readonly string[] {
  const hidden = actedOf(assembly).calls.filter((call) => call.hidden && reached.methods.has(call.method));
  return [...reached.members, ...hidden.map(({ member }) => member), ...nativeNames(assembly, reached)];
}

/** Names that stand in the metadata of whatever starts programs or fetches. */
export const ACTING = [
  "process",
  "webclient",
  "httpclient",
  "webrequest",
  "virtualalloc",
  "urldownload",
  "shellexecute",
  "winexec",
] as const;

const FETCHES =
  /^System\.Net\.(?:WebClient::(?:Download|OpenRead|Upload)|Http\.HttpClient::(?:Get|Send|Post|Put)|(?:Http|)WebRequest::(?:Create|GetResponse)|WebRequest::)|^System\.Net\.Http\.Json\.HttpClientJsonExtensions::|^System\.Net\.Sockets\.(?:TcpClient::(?:\.ctor|Connect)|Socket::Connect)|^URLDownloadToFile[AW]?$/;
const STARTS = /^System\.Diagnostics\.Process::Start$|^(?:ShellExecute(?:Ex)?|WinExec|CreateProcess)[AW]?$/;
const LOADS =
  /^System\.(?:Reflection\.Assembly|AppDomain)::Load\(byte\[\]\)$|^System\.CodeDom\.Compiler\.CodeDomProvider::CompileAssemblyFromSource$/;

/** What members do: the first of each kind, for the sentence. */
export interface Acts {
  readonly fetches: string | undefined;
  readonly starts: string | undefined;
  /** Turns bytes into code. */
  readonly loads: string | undefined;
}

/** What a set of members does. */
export function actsOf(members: Iterable<string>): Acts {
  const all = [...members];
  return {
    fetches: all.find((member) => FETCHES.test(member)),
    starts: all.find((member) => STARTS.test(member)),
    loads: all.find((member) => LOADS.test(member)),
  };
}

/** Native functions among the own methods that were reached. */
export function nativeNames(assembly: Assembly, reached: Reached): readonly string[] {
  return assembly.imports.filter(({ method }) => reached.methods.has(method)).map(({ name }) => name);
}

/** `Process::Start and WebClient::DownloadFile`. */
export function sayActs({ fetches, starts, loads }: Acts): string {
  const names = [starts, fetches, loads].flatMap((name) => (name === undefined ? [] : [name.split(".").at(-1)!]));
  return names.join(" and ");
}

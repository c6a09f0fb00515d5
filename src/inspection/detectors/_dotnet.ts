import { type Assembly, readAssembly } from "../languages/dotnet.ts";
import type { Reached } from "../languages/il.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";

/** What detectors of .NET assemblies share: reading each once, and what its members mean. */

const readBefore = new WeakMap<SourceFile, { readonly assembly: Assembly | undefined }>();

/** The file's metadata, read once; undefined when it cannot be read. */
export function assemblyOf(file: SourceFile): Assembly | undefined {
  const before = readBefore.get(file);
  if (before) return before.assembly;
  const assembly = readAssembly(file.bytes);
  readBefore.set(file, { assembly });
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

/** Names that stand in the metadata of whatever starts programs or fetches. */
export const ACTING = ["process", "webclient", "httpclient", "webrequest", "virtualalloc"] as const;

const FETCHES =
  /^System\.Net\.(?:WebClient::(?:Download|OpenRead|Upload)|Http\.HttpClient::(?:Get|Send|Post|Put)|(?:Http|)WebRequest::(?:Create|GetResponse)|WebRequest::)|^System\.Net\.Http\.Json\.HttpClientJsonExtensions::|^System\.Net\.Sockets\.(?:TcpClient::(?:\.ctor|Connect)|Socket::Connect)/;
const STARTS = /^System\.Diagnostics\.Process::Start$/;
const LOADS = /^System\.(?:Reflection\.Assembly|AppDomain)::Load\(byte\[\]\)$/;

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

import type { Detector } from "../detector.ts";
import { buildFiles, expand } from "./_msbuild.ts";
import { sight } from "./_sight.ts";

/** A static method in a property function: `$([System.IO.File]::WriteAllText(…))`. */
const CALL = /\$\([ \t]{0,4}\[[ \t]{0,4}([\w.]{3,80})[ \t]{0,4}\][ \t]{0,4}::[ \t]{0,4}(\w{1,60})[^\n]{0,200}/g;
/** The same of a type that a property names. */
const CALL_BY_PROPERTY =
  /\$\([ \t]{0,4}\[[ \t]{0,4}([\w.]{0,60}\$\(\w{1,60}\)[\w.$()]{0,80})[ \t]{0,4}\][ \t]{0,4}::[ \t]{0,4}(\w{1,60})[^\n]{0,200}/g;
const ACTS =
  /^(?:System\.Diagnostics\.Process|System\.Net\.[\w.]{1,60}|System\.Reflection\.Assembly|System\.Activator|System\.AppDomain|System\.Type|System\.Runtime\.InteropServices\.(?:Marshal|NativeLibrary)|System\.Runtime\.Loader\.[\w.]{1,60}|Microsoft\.Win32\.Registry)$/i;
const WRITES = /^(?:Write|Append|Create|Delete|Copy|Move|Open|Replace|SetAttributes|Encrypt)/i;
const SECRETS = /\.ssh|id_rsa|\.aws|\.npmrc|\.pypirc|\.kube|\.docker|credentials|\.git-credentials|nuget\.config/i;
const MOST_CALLS = 5_000;
const LITERALS = [
  "system.io.",
  "system.net.",
  "system.diagnostics.",
  "system.reflection.",
  "system.runtime.",
  "system.activator",
  "system.appdomain",
  "system.type",
  "microsoft.win32",
  "[$(",
] as const;

export const buildFileCallsDotnet: Detector = {
  id: "build-file-calls-dotnet",
  title: "A build file of the package calls .NET methods that act",
  severity: "high",
  ecosystems: ["nuget"],
  points: 4.8,
  class: "threat",
  group: "build-attacks",
  why: `Property functions let a build file call .NET methods while it is only being read: \`$([System.IO.File]::WriteAllText(…))\`,
\`[System.Diagnostics.Process]\`, \`[System.Net…]\`. No task and no target is needed, and loading the project in an editor is enough.

Reading versions, joining paths and testing for files are what honest packages do with them; those are not reported.`,
  literals: LITERALS,
  *detect(tree) {
    for (const build of buildFiles(tree)) {
      const { file } = build;
      if (!file.hits.hasAny(LITERALS)) continue;
      const text = withoutComments(file.text);
      for (const match of [...first(text.matchAll(CALL)), ...first(text.matchAll(CALL_BY_PROPERTY))]) {
        const type = match[1]!.startsWith("$") ? expand(build, match[1]!) : match[1]!;
        const why = meaning(type, match[2]!, match[0]);
        if (why !== undefined) yield sight(file, match.index, `reading the project ${why}: ${match[0].slice(0, 160)}`);
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.props":
            "<Project><PropertyGroup><A>$([System.IO.File]::WriteAllText('a.ps1', 'x'))</A></PropertyGroup></Project>",
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.props":
            "<Project><PropertyGroup><A>$([System.Diagnostics.Process]::Start('x'))</A></PropertyGroup></Project>",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.props":
            "<Project><PropertyGroup><A>$([System.IO.File]::ReadAllText('version.txt'))</A><B>$([MSBuild]::NormalizePath('a'))</B><C>$([System.IO.Path]::Combine('a','b'))</C></PropertyGroup></Project>",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.props":
            "<Project><PropertyGroup><A>$( [system.net.WebClient] :: new().DownloadString('x'))</A></PropertyGroup></Project>",
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.props":
            "<Project><PropertyGroup><A>$([System.IO.File]::ReadAllText('$(HOME)/.ssh/id_rsa'))</A></PropertyGroup></Project>",
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.props":
            "<Project><PropertyGroup><T>System.IO.</T><T>$(T)File</T><A>$([$(T)]::WriteAllText('a', 'b'))</A></PropertyGroup></Project>",
        },
      },
    ],
  },
};

function meaning(type: string, method: string, call: string): string | undefined {
  if (ACTS.test(type)) return `calls ${type}`;
  if (!/^System\.IO\.(?:File|Directory)$/i.test(type)) return undefined;
  if (WRITES.test(method)) return "changes files";
  return SECRETS.test(call) ? "reads secrets" : undefined;
}

function* first(matches: Iterable<RegExpMatchArray & { index: number }>) {
  let calls = 0;
  for (const match of matches) {
    if (++calls > MOST_CALLS) return;
    yield match;
  }
}

/** Comments blanked out, so that offsets stay. */
function withoutComments(text: string): string {
  let result = "";
  let at = 0;
  for (;;) {
    const start = text.indexOf("<!--", at);
    if (start < 0) return result + text.slice(at);
    const end = text.indexOf("-->", start + 4);
    const stop = end < 0 ? text.length : end + 3;
    result += text.slice(at, start) + text.slice(start, stop).replace(/[^\n]/g, " ");
    at = stop;
  }
}

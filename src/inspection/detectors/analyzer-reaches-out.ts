import type { Detector } from "../detector.ts";
import type { Assembly } from "../languages/dotnet.ts";
import { ACTING, actedOf, actsOf, assembliesWith, sayActs } from "./_dotnet.ts";

export const analyzerReachesOut: Detector = {
  id: "analyzer-reaches-out",
  title: "A compiler extension starts programs or uses the network",
  severity: "high",
  ecosystems: ["nuget"],
  points: 4.4,
  class: "threat",
  group: "build-attacks",
  why: `Assemblies under \`analyzers\` are loaded into the compiler and into the editor, where they run on every key press with the rights of
the developer. They look at source text and have no reason to start programs or to speak with servers; the compiler's own rules forbid it.

A few generators call a command-line tool of their own project; starting programs alone counts in part.`,
  literals: ACTING,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, ACTING)) {
      if (!/^analyzers\//i.test(file.path)) continue;
      const acts = actsOf([...assembly.members, ...hiddenCalls(assembly)]);
      if (!acts.fetches && !acts.starts) continue;
      const share = acts.fetches && acts.starts ? 1 : acts.fetches ? 0.8 : 0.5;
      yield {
        path: file.path,
        line: null,
        phase: "install",
        share,
        says: `a compiler extension uses ${sayActs(acts)}`,
      };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "analyzers/dotnet/cs/Demo.dll":
            "assembly Demo\nmethod Demo.A::Initialize calls System.Net.Http.HttpClient::GetStringAsync, System.Diagnostics.Process::Start",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "analyzers/dotnet/cs/Demo.dll":
            "assembly Demo\nmethod Demo.A::Initialize calls System.String::Format\nstring HttpClient",
          "lib/net6.0/Demo.dll": "assembly Demo\nmethod Demo.A::Get calls System.Net.Http.HttpClient::GetAsync",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "analyzers/dotnet/cs/Demo.dll":
            'assembly Demo\nmethod Demo.A::Initialize calls "System.Net.WebClient", System.Type::GetType/1>, "DownloadString", System.Type::GetMethod/1~>, {14}, {14}, System.Reflection.MethodBase::Invoke/2~>\nstring process',
        },
      },
    ],
  },
};

function hiddenCalls(assembly: Assembly): readonly string[] {
  return actedOf(assembly).calls.flatMap(({ hidden, member }) => (hidden ? [member] : []));
}

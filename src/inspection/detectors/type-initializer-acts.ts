import type { Detector } from "../detector.ts";
import { reach } from "../languages/il.ts";
import { ACTING, actsOf, allMembers, assembliesWith, sayActs } from "./_dotnet.ts";

/** Static constructors looked at in one assembly; generated code has thousands. */
const MOST = 300;

export const typeInitializerActs: Detector = {
  id: "type-initializer-acts",
  title: "A static constructor fetches and runs",
  severity: "high",
  ecosystems: ["nuget"],
  points: 4.6,
  class: "threat",
  group: "load-acts",
  why: `A static constructor runs by itself the first time its type is touched. This one reaches, through the assembly's own methods, both a
fetch from the network and a program start or the loading of bytes as code. Wallet stealers and hijacked copies of popular libraries put
their payload there.

Static fields often hold an HTTP client; creating one is no fetch, and fetching alone is not reported.`,
  literals: ACTING,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, ACTING)) {
      for (const row of assembly.typeInitializers.slice(0, MOST)) {
        const acts = actsOf(allMembers(assembly, reach(assembly, row, false)));
        if (!acts.fetches || (!acts.starts && !acts.loads)) continue;
        const says = `${assembly.methods[row]!.slice(0, 120)} calls ${sayActs(acts)}`;
        yield { path: file.path, line: null, phase: "import", says };
        break;
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::.cctor calls Demo.A::Get\nmethod Demo.A::Get calls System.Net.WebClient::DownloadFile, System.Diagnostics.Process::Start",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::.cctor calls System.Net.Http.HttpClient::.ctor\nmethod Demo.A::Get calls System.Net.Http.HttpClient::GetAsync, System.Diagnostics.Process::Start",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::.cctor calls Demo.A::Get\nmethod Demo.A::Get calls System.Net.WebClient::DownloadData, "System.Diagnostics.Pro", "cess", System.String::Concat/2>, System.Type::GetType/1>, "Start", System.Type::GetMethod/1~>, {14}, {14}, System.Reflection.MethodBase::Invoke/2~>',
        },
      },
    ],
  },
};

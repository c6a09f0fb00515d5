import type { Detector } from "../detector.ts";
import { reach } from "../languages/il.ts";
import { ACTING, actsOf, allMembers, assembliesWith, nativeNames, sayActs } from "./_dotnet.ts";

const MEMORY = /^(?:VirtualAlloc|VirtualProtect|WriteProcessMemory|CreateRemoteThread|NtMapViewOfSection|QueueUserAPC)/;

export const moduleInitializerActs: Detector = {
  id: "module-initializer-acts",
  title: "An assembly starts programs or uses the network as soon as it is loaded",
  severity: "critical",
  ecosystems: ["nuget"],
  points: 6.4,
  class: "threat",
  group: "load-acts",
  why: `A module initialiser runs when the runtime loads the assembly, before any of its types is used; referencing the package and starting
the program is enough. Calls are followed from there through the assembly's own methods. This one starts programs, fetches, loads bytes
as code or writes into memory.

Weavers that unpack embedded assemblies load bytes as well; that alone is not reported.`,
  literals: ACTING,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, ACTING)) {
      if (assembly.moduleInitializer === 0) continue;
      const reached = reach(assembly, assembly.moduleInitializer);
      const acts = actsOf(allMembers(assembly, reached));
      const native = nativeNames(assembly, reached).find((name) => MEMORY.test(name));
      const both = acts.fetches && (acts.starts || acts.loads);
      const share = both || native ? 1 : acts.starts ? 0.85 : acts.fetches ? 0.65 : 0;
      if (share === 0) continue;
      const says = [sayActs(acts), native ?? ""].filter(Boolean).join(" and ");
      yield { path: file.path, line: null, phase: "import", share, says: `loading the assembly calls ${says}` };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod <Module>::.cctor calls Demo.A::Run\nmethod Demo.A::Run calls System.Diagnostics.Process::Start",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod <Module>::.cctor calls System.AppDomain::add_AssemblyResolve, System.Reflection.Assembly::Load(byte[])\nmethod Demo.A::Run calls System.Diagnostics.Process::Start",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod <Module>::.cctor calls Demo.A::B\nmethod Demo.A::B calls Demo.A::C\nmethod Demo.A::C calls System.Net.WebClient::DownloadData, System.Reflection.Assembly::Load(byte[])",
        },
      },
    ],
  },
};

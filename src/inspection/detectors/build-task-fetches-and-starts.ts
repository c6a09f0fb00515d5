import type { Detector } from "../detector.ts";
import { reach } from "../languages/il.ts";
import { ACTING, actsOf, allMembers, assembliesWith, sayActs } from "./_dotnet.ts";

export const buildTaskFetchesAndStarts: Detector = {
  id: "build-task-fetches-and-starts",
  title: "A build task fetches and starts programs in one go",
  severity: "high",
  ecosystems: ["nuget"],
  points: 4.2,
  class: "threat",
  group: "build-attacks",
  why: `An assembly under \`build\` or \`tools\` has a build task whose \`Execute\` reaches both a fetch from the network and the start of a program,
or makes fetched bytes into code. MSBuild runs it at every build once a build file of the package names it.

Packages that install a tool chain of their own project on first build do this as well; then it is worth reading what they fetch.`,
  literals: ACTING,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, ACTING)) {
      if (!/^(?:build[^/]{0,40}|tools|tasks)\//i.test(file.path)) continue;
      for (const [row, name] of assembly.methods.entries()) {
        if (!/::(?:Execute|\.ctor)$/.test(name)) continue;
        const acts = actsOf(allMembers(assembly, reach(assembly, row)));
        if (!acts.fetches || (!acts.starts && !acts.loads)) continue;
        yield { path: file.path, line: null, phase: "install", says: `${name.slice(0, 120)} calls ${sayActs(acts)}` };
        break;
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.Tasks.dll":
            "assembly Demo\nmethod Demo.T::Execute calls System.Net.WebClient::DownloadFile, System.Diagnostics.Process::Start",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "tools/Demo.dll":
            "assembly Demo\nmethod Demo.T::Execute calls System.Diagnostics.Process::Start\nmethod Demo.U::Check calls System.Net.WebClient::DownloadString",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "tasks/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.T::.ctor calls Demo.T::A\nmethod Demo.T::A calls System.Net.Http.HttpClient::GetByteArrayAsync, System.Reflection.Assembly::Load(byte[])",
        },
      },
    ],
  },
};

import type { Detector } from "../detector.ts";
import { actedOf, assembliesWith, phaseOf } from "./_dotnet.ts";

const LITERALS = ["gettype", "getmethod", "invokemember"] as const;
const ACTS =
  /^System\.Diagnostics\.Process::Start$|^System\.Net\.(?:WebClient::|Http\.HttpClient::|Sockets\.)|^System\.Reflection\.Assembly::Load$|^ProgID (?:WScript\.Shell|Shell\.Application)::(?:Run|Exec|ShellExecute)$/i;

export const assemblyCallsByName: Detector = {
  id: "assembly-calls-by-name",
  title: "An assembly starts programs or fetches through names that it looks up",
  severity: "high",
  ecosystems: ["nuget"],
  points: 5.4,
  class: "threat",
  group: "hidden-assembly",
  why: `Starting a program, fetching or loading code is a call like any other, and stands in an assembly's metadata. This code looks the method up by
its name at run time, so that it does not, or has the shell of Windows do it through a script object.

Libraries for old runtimes look up what these may lack. A name that stands in the code as it is counts in part, one that is put together
from parts fully.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      let constants: ReadonlySet<string> | undefined;
      for (const call of actedOf(assembly).calls) {
        if (!call.hidden || !ACTS.test(call.member)) continue;
        constants ??= new Set([...assembly.strings()].map((text) => text.split(",", 1)[0]!.trim()));
        const [type = "", name = ""] = call.member.split("::");
        const plain = constants.has(type) && constants.has(name);
        const phase = phaseOf(file, assembly, call);
        const says = `calls ${call.member.slice(0, 120)} by name`;
        yield { path: file.path, line: null, phase, share: plain ? 0.8 : 1, says };
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
            'assembly Demo\nmethod Demo.A::.cctor calls "System.Diagnostics.Process", System.Type::GetType/1>, "Start", System.Type::GetMethod/1~>, {14}, #1, {8d01000001251614a2}, System.Reflection.MethodBase::Invoke/2~>',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::.cctor calls "System.Runtime.GCSettings", System.Type::GetType/1>, "Start", System.Type::GetMethod/1~>, {14}, {14}, System.Reflection.MethodBase::Invoke/2~>\nmethod Demo.A::B calls System.Diagnostics.Process::Start',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::.cctor calls "System.Diagnostics.Pro", "cess", System.String::Concat/2>, System.Type::GetType/1>, "tratS", System.String::ToCharArray/0~>, {25}, System.Array::Reverse/1, new System.String::.ctor/1~, System.Type::GetMethod/1~>, {14}, {14}, System.Reflection.MethodBase::Invoke/2~>',
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls "WScript.Shell", System.Type::GetTypeFromProgID/1>, "Run", #256, {14}, {14}, {14}, System.Type::InvokeMember/5~>',
        },
      },
    ],
  },
};

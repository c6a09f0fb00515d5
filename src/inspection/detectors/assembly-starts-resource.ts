import type { Detector } from "../detector.ts";
import { reach } from "../languages/il.ts";
import { allMembers, assembliesWith, phaseOf } from "./_dotnet.ts";

const LITERALS = ["getmanifestresourcestream"] as const;
const TAKES = /^System\.Reflection\.Assembly::GetManifestResourceStream$/;
const WRITES =
  /^System\.IO\.(?:File::(?:WriteAllBytes\w{0,5}|Create|OpenWrite|Open)|FileStream::\.ctor|Stream::CopyTo\w{0,5}|BinaryWriter::\.ctor)/;
const STARTS = /^System\.Diagnostics\.Process::Start$|^(?:ShellExecute(?:Ex)?|WinExec|CreateProcess)[AW]?$/;
/** Somebody wants to know what the program says, or how it ends. */
const WATCHES =
  /^System\.Diagnostics\.(?:Process::(?:get_Standard\w{5,6}|get_ExitCode|WaitForExit\w{0,5}|Begin\w{5,6}ReadLine|add_\w{4,24})|ProcessStartInfo::set_RedirectStandard\w{5,6})/;
/** Methods of an assembly that are looked at; larger ones are programs of their own. */
const MOST_METHODS = 400;

export const assemblyStartsResource: Detector = {
  id: "assembly-starts-resource",
  title: "A method writes a program out of the assembly to the disk and starts it",
  severity: "high",
  ecosystems: ["nuget"],
  points: 5.6,
  class: "threat",
  group: "assembly-payload",
  why: `A method takes a resource of the assembly, writes it into a file and starts a program, and nothing reads what that says or how it ends. Droppers carry
their second stage this way, so that the package holds no program file.

Wrappers of tools embed a program too; they read its output or wait for its end, and pass.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      if (assembly.methods.length > MOST_METHODS) continue;
      for (const [row, name] of assembly.methods.entries()) {
        const reached = reach(assembly, row);
        const members = allMembers(assembly, reached);
        if (![TAKES, WRITES, STARTS].every((act) => members.some((member) => act.test(member)))) continue;
        if (members.some((member) => WATCHES.test(member))) continue;
        const phase = phaseOf(file, assembly, { member: name, args: [], method: row, hidden: false });
        yield {
          path: file.path,
          line: null,
          phase,
          says: `${name.slice(0, 120)} writes a resource and starts a program`,
        };
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
            "assembly Demo\nmethod Demo.A::Run calls System.Reflection.Assembly::GetManifestResourceStream, System.IO.FileStream::.ctor, System.IO.Stream::CopyTo, System.Diagnostics.Process::Start",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::Run calls System.Reflection.Assembly::GetManifestResourceStream, System.IO.Stream::CopyTo, System.Diagnostics.Process::Start, System.Diagnostics.Process::WaitForExit",
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::Run calls System.Reflection.Assembly::GetManifestResourceStream, System.IO.Stream::CopyTo\nmethod Demo.B::Open calls System.Diagnostics.Process::Start",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::Run calls Demo.A::Put, Demo.A::Go\nmethod Demo.A::Put calls System.Reflection.Assembly::GetManifestResourceStream, System.IO.File::WriteAllBytes\nmethod Demo.A::Go calls System.Diagnostics.Process::Start",
        },
      },
    ],
  },
};

import type { Detector } from "../detector.ts";
import type { Assembly } from "../languages/dotnet.ts";
import { reach } from "../languages/il.ts";
import { actedOf, assembliesWith } from "./_dotnet.ts";

const LITERALS = ["set_redirectstandardinput"] as const;
const CONNECTS = /^System\.Net\.Sockets\.(?:TcpClient::(?:\.ctor|Connect|GetStream)|Socket::Connect)/;
const SHELL = /^(?:[A-Za-z]:\\[^\n]{0,60})?(?:cmd|powershell|pwsh)(?:\.exe)?$|^\/bin\/(?:ba|z)?sh$/i;

/** Rows, ascending, of the methods that redirect a program's input: no others are followed. */
function redirecting(assembly: Assembly): readonly number[] {
  const rows = actedOf(assembly).calls.flatMap(({ method, member }) =>
    member.endsWith("ProcessStartInfo::set_RedirectStandardInput") ? [method] : [],
  );
  return [...new Set(rows)].sort((a, b) => a - b);
}

export const assemblyServesShell: Detector = {
  id: "assembly-serves-shell",
  title: "An assembly connects a shell to a socket",
  severity: "critical",
  ecosystems: ["nuget"],
  points: 6.2,
  class: "threat",
  group: "remote-control",
  why: `A type starts a command interpreter with its input redirected, and holds a connection to a server: whoever listens there types the commands.

Terminals and remote-management tools do this as their purpose; a library that nobody chose for it has no reason to.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      for (const row of redirecting(assembly)) {
        const reached = reach(assembly, row);
        const connects = [...reached.members].find((member) => CONNECTS.test(member));
        const shell = [...reached.strings, ...actedOf(assembly).texts].find((text) => SHELL.test(text));
        if (connects === undefined || shell === undefined) continue;
        yield {
          path: file.path,
          line: null,
          says: `${assembly.methods[row]!.slice(0, 100)} gives ${shell.slice(0, 40)} the input of ${connects.split(".").at(-1)}`,
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
            'assembly Demo\nmethod Demo.A::Go calls "example.invalid", #4444, new System.Net.Sockets.TcpClient::.ctor/2~, {26}, "cmd.exe", System.Diagnostics.ProcessStartInfo::set_FileName/1, System.Diagnostics.ProcessStartInfo::set_RedirectStandardInput/0',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls "git", System.Diagnostics.ProcessStartInfo::set_FileName/1, System.Diagnostics.ProcessStartInfo::set_RedirectStandardInput/0\nmethod Demo.A::Net calls new System.Net.Sockets.TcpClient::.ctor~',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls Demo.A::Net, "/bin/", "sh", System.String::Concat/2>, System.Diagnostics.ProcessStartInfo::set_FileName/1, System.Diagnostics.ProcessStartInfo::set_RedirectStandardInput/0\nmethod Demo.A::Net calls System.Net.Sockets.Socket::Connect/1',
        },
      },
    ],
  },
};

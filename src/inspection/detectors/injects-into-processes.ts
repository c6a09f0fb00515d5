import type { Detector } from "../detector.ts";
import type { Assembly } from "../languages/dotnet.ts";
import { textOf } from "../languages/il-values.ts";
import { actedOf, assembliesWith } from "./_dotnet.ts";

const LITERALS = [
  "getprocaddress",
  "getdelegateforfunctionpointer",
  "virtualalloc",
  "writeprocessmemory",
  "createremotethread",
  "ntmapviewofsection",
  "queueuserapc",
] as const;
const REMOTE =
  /^(?:VirtualAllocEx|WriteProcessMemory|CreateRemoteThread(?:Ex)?|NtMapViewOfSection|ZwMapViewOfSection|NtUnmapViewOfSection|ZwUnmapViewOfSection|QueueUserAPC|NtQueueApcThread|SetThreadContext|NtCreateThreadEx|RtlCreateUserThread|NtWriteVirtualMemory)$/;
const ALLOCATES = /^(?:VirtualAlloc|NtAllocateVirtualMemory|VirtualProtect|NtProtectVirtualMemory)$/;
const RUNS =
  /^(?:CreateThread|EnumWindows|EnumSystemLocales[AW]?|EnumDateFormats[AW]?|CreateFiber|EtwpCreateEtwThread|CallWindowProc[AW]?|CreateTimerQueueTimer)$/;

export const injectsIntoProcesses: Detector = {
  id: "injects-into-processes",
  title: "An assembly imports what it takes to run code inside other programs",
  severity: "high",
  ecosystems: ["nuget"],
  points: 5,
  class: "threat",
  group: "memory",
  why: `The assembly imports several of the Windows functions with which bytes are written into another process and started there
(\`VirtualAllocEx\`, \`WriteProcessMemory\`, \`CreateRemoteThread\`), or memory of its own is made executable and run as a thread. Loaders of
remote-access tools are built from exactly these.

Debuggers, game modding libraries and desktop automation use some of them; a pair counts in part, a name that is only put together and looked up while the code runs in full.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      const found = lookedUp(assembly);
      const names = new Set([...assembly.imports.map(({ name }) => name), ...found]);
      const remote = [...names].filter((name) => REMOTE.test(name));
      const own = [...names].some((name) => ALLOCATES.test(name)) && [...names].some((name) => RUNS.test(name));
      const hidden = found.some((name) => REMOTE.test(name) || ALLOCATES.test(name));
      const share = remote.length >= 3 || hidden ? 1 : remote.length === 2 ? 0.5 : own ? 0.6 : 0;
      if (share === 0) continue;
      const says = [...remote, ...[...names].filter((name) => ALLOCATES.test(name) || RUNS.test(name))].slice(0, 6);
      yield { path: file.path, line: null, share, says: `imports ${says.join(", ")}` };
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net45/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nimport kernel32.dll VirtualAllocEx\nimport kernel32.dll WriteProcessMemory\nimport kernel32.dll CreateRemoteThread",
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "lib/net45/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nimport kernel32 VirtualAlloc\nimport kernel32 CreateThread",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net45/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nimport kernel32.dll VirtualAlloc\nimport kernel32.dll VirtualProtect",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::B calls {14}, "Virtual", "Alloc", System.String::Concat/2>, System.Runtime.InteropServices.NativeLibrary::GetExport/2>, System.Runtime.InteropServices.Marshal::GetDelegateForFunctionPointer/1>, "getprocaddress"',
        },
      },
    ],
  },
};

/** Native functions that are looked up by name, whatever the name is made from. */
function lookedUp(assembly: Assembly): readonly string[] {
  return actedOf(assembly).calls.flatMap(({ member, args }) => {
    const name = /::(?:GetProcAddress|GetExport)$/.test(member) ? textOf(args.at(-1)) : undefined;
    return name === undefined ? [] : [name];
  });
}

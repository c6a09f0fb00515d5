import type { Detector } from "../detector.ts";
import { assembliesWith } from "./_dotnet.ts";

const LITERALS = [
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

Debuggers, game modding libraries and desktop automation use some of them; a pair counts in part.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      const names = new Set(assembly.imports.map(({ name }) => name));
      const remote = [...names].filter((name) => REMOTE.test(name));
      const own = [...names].some((name) => ALLOCATES.test(name)) && [...names].some((name) => RUNS.test(name));
      const share = remote.length >= 3 ? 1 : remote.length === 2 ? 0.5 : own ? 0.6 : 0;
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
  },
};

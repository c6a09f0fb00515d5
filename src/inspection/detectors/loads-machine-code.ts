import type { Detector } from "../detector.ts";
import { codeWith, isLate, matchInCode, sight } from "./_sight.ts";

const WORDS = [
  "virtualalloc",
  "createremotethread",
  "rtlmovememory",
  "writeprocessmemory",
  "createthread",
  "queueuserapc",
  "ntcreatethreadex",
] as const;
const CALL =
  /(?:virtualalloc(?:ex)?|createremotethread(?:ex)?|rtlmovememory|writeprocessmemory|queueuserapc|ntcreatethreadex)\b["')\]]{0,3}\s{0,4}(?:\(|\.argtypes|\.restype)/i;
const RUNS = /createthread|createremotethread|queueuserapc|ntcreatethreadex|cfunctype|winfunctype/i;

export const loadsMachineCode: Detector = {
  id: "loads-machine-code",
  title: "Writes machine code into memory and runs it",
  severity: "high",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 4.4,
  class: "threat",
  group: "machine-code",
  why: `Executable memory is allocated, bytes are copied into it, and a thread is started there. That is how shellcode and injected
programs run without ever being a file.

Emulators, debuggers and just-in-time compilers allocate executable memory too; those that do not start threads in other processes pass.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      const match = matchInCode(file, CALL);
      if (match === undefined || !RUNS.test(file.text)) continue;
      yield sight(file, match.index, `runs machine code from memory with ${match[0]}`, {
        share: isLate(file) ? 0.7 : 1,
      });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "k = ctypes.windll.kernel32\np = k.VirtualAlloc(0, n, 0x3000, 0x40)\nk.RtlMoveMemory(p, b, n)\nk.CreateThread(0, 0, p, 0, 0, 0)\n",
        },
      },
    ],
    passes: [
      { ecosystem: "pypi", files: { "demo/a.py": "NAMES = ['VirtualAlloc', 'CreateThread']\n" } },
      { ecosystem: "pypi", files: { "demo/a.py": "p = k.VirtualAlloc(0, n, 0x3000, 0x40)\n" } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "from ctypes import windll as w\np = w.kernel32.VirtualAllocEx(-1, 0, n, 0x3000, 0x40)\nw.kernel32.WriteProcessMemory(-1, p, b, n, 0)\nw.kernel32.CreateRemoteThread(-1, 0, 0, p, 0, 0, 0)\n",
        },
      },
    ],
  },
};

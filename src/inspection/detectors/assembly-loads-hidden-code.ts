import type { Detector } from "../detector.ts";
import type { Call } from "../languages/il-run.ts";
import { FROM, sourcesOf } from "../languages/il-values.ts";
import { actedOf, assembliesWith, phaseOf } from "./_dotnet.ts";

const LITERALS = ["assembly", "compileassembly", "csharpscript"] as const;
const LOADS =
  /^System\.(?:Reflection\.Assembly|AppDomain)::Load(?:\(byte\[\]\))?$|CodeDomProvider::CompileAssemblyFromSource$|CSharpScript::(?:Evaluate|Run)/;

function originOf(call: Call): string | undefined {
  const from = sourcesOf(call.args);
  if ((from & FROM.network) !== 0) return "what it has fetched";
  if (call.member.endsWith("Source")) return undefined;
  if ((from & FROM.deciphered) !== 0) return "what it has decrypted";
  return (from & FROM.constant) !== 0 ? "bytes that are written in it" : undefined;
}

export const assemblyLoadsHiddenCode: Detector = {
  id: "assembly-loads-hidden-code",
  title: "An assembly decrypts or fetches bytes and loads them as code",
  severity: "high",
  ecosystems: ["nuget"],
  points: 5.4,
  class: "threat",
  group: "hidden-assembly",
  why: `Bytes that come from the network, were decrypted with a key, or stand in the assembly as a constant are handed to the runtime as a new
assembly, or fetched source text is compiled and run. What then runs was never part of anything that could be inspected.

Weavers load other assemblies of the same build from resources, which are neither encrypted nor fetched; licence protections do encrypt.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      for (const call of actedOf(assembly).calls) {
        const how = LOADS.test(call.member) ? originOf(call) : undefined;
        if (how === undefined) continue;
        const says = `loads ${how} as code: ${call.member.split(".").at(-1)}`;
        yield { path: file.path, line: null, phase: phaseOf(file, assembly, call), says };
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
            'assembly Demo\nmethod Demo.A::.cctor calls new System.Net.WebClient::.ctor~, "https://example.invalid/a", System.Net.WebClient::DownloadData/1~>, System.Reflection.Assembly::Load(byte[])',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::.cctor calls "a.dll", System.Reflection.Assembly::GetManifestResourceStream/1>, Demo.B::Read/1>, System.Reflection.Assembly::Load(byte[])',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls "TVqQAAMAAAAEAAAA", System.Convert::FromBase64String/1>, System.Reflection.Assembly::Load(byte[])',
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls "r", System.Reflection.Assembly::GetManifestResourceStream/1>, System.Security.Cryptography.ICryptoTransform::TransformFinalBlock/1>, System.Reflection.Assembly::Load(byte[])',
        },
      },
    ],
  },
};

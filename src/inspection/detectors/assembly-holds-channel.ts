import type { Detector } from "../detector.ts";
import { assembliesWith, COMPOSING, textsOf } from "./_dotnet.ts";

const LITERALS = [
  ...COMPOSING,
  "/api/webhooks/",
  "api.telegram.org",
  "hooks.slack.com",
  "webhook.site",
  "pipedream.net",
  "oastify.com",
  "interact.sh",
  "ngrok",
  "pastebin.com/raw",
  "raw.githubusercontent.com",
  "cdn.discordapp.com/attachments",
  "transfer.sh",
  "http://",
  "https://",
  // "http" and "discord.c" in base 64.
  "ahr0c",
  "zglzy29yzc5j",
] as const;
const CHANNEL =
  /discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{5,25}\/[\w-]{20,100}|api\.telegram\.org\/bot(?:\d{6,12}:[\w-]{30,60}|$)|hooks\.slack\.com\/services\/T\w{6,14}\/B\w{6,14}\/\w{18,30}|webhook\.site\/[0-9a-f-]{30,40}|[\w-]{4,60}\.(?:m\.pipedream\.net|oastify\.com|interact\.sh|ngrok(?:-free)?\.(?:io|app))/i;
const PROGRAM =
  /^https?:\/\/(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\/[^\s]{0,200}|(?:pastebin\.com\/raw\/|cdn\.discordapp\.com\/attachments\/|transfer\.sh\/|raw\.githubusercontent\.com\/)[^\s]{1,200}|[^\s]{4,200})\.(?:exe|ps1|bat|vbs|hta|scr|msi|dll)(?:[?#][^\s]{0,100})?$/i;
const PASTE = /^https?:\/\/(?:pastebin\.com\/raw\/\w{6,12}|cdn\.discordapp\.com\/attachments\/\d{10,20}\/\d{10,20}\/)/i;
const PLACEHOLDER = /x{5}|0{6}|1234567|abcdef|your|example\.com/i;

export const assemblyHoldsChannel: Detector = {
  id: "assembly-holds-channel",
  title: "An assembly holds the address of a chat webhook, a catcher service or a program to fetch",
  severity: "high",
  ecosystems: ["nuget"],
  points: 4.8,
  class: "threat",
  group: "assembly-channel",
  why: `A string constant, plain or in base 64, is a chat webhook with its secret, an address at a service whose purpose is to show who called, a
paste or attachment used as storage, or a program file on the network. Stealers and downloaders compiled into libraries need one of these.

Updaters name the address of their own installer; a program address alone counts in part.`,
  literals: LITERALS,
  *detect(tree) {
    for (const { file, assembly } of assembliesWith(tree, LITERALS)) {
      for (const text of textsOf(assembly)) {
        const found = meaning(text);
        if (found) yield { path: file.path, line: null, ...found };
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll": `assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring discord.com/api/webhooks/105566778899/${"aB3_".repeat(17)}`,
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring https://example.invalid/files/update.exe",
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll":
            "assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring https://example.invalid/docs\nstring discord.com/api/webhooks/",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "lib/net6.0/Demo.dll": `assembly Demo\nmethod Demo.A::B calls System.String::Format\nstring ${Buffer.from(`https:${"//"}discord.com/api/webhooks/105566778899/${"aB3_".repeat(17)}`).toString("base64")}`,
        },
      },
    ],
  },
};

function meaning(text: string): { readonly says: string; readonly share: number } | undefined {
  if (text.length < 16 || text.length > 4_000) return undefined;
  for (const plain of [text, decoded(text)]) {
    if (plain === undefined || PLACEHOLDER.test(plain)) continue;
    const hidden = plain === text ? "" : " in base 64";
    const channel = CHANNEL.exec(plain)?.[0];
    if (channel !== undefined) return { says: `holds the channel ${channel.slice(0, 70)}${hidden}`, share: 1 };
    if (PASTE.test(plain))
      return { says: `holds the address ${plain.slice(0, 120)}${hidden}`, share: hidden === "" ? 0.6 : 1 };
    if (PROGRAM.test(plain)) {
      const bare = /^https?:\/\/\d/.test(plain);
      return {
        says: `holds the program address ${plain.slice(0, 120)}${hidden}`,
        share: bare || hidden !== "" ? 0.8 : 0.3,
      };
    }
  }
  return undefined;
}

function decoded(text: string): string | undefined {
  if (text.length > 2_000 || !/^[A-Za-z0-9+/]{20,2000}={0,2}$/.test(text)) return undefined;
  const plain = Buffer.from(text, "base64").toString("latin1");
  return /^[\x20-\x7e]{15,}$/.test(plain) ? plain : undefined;
}

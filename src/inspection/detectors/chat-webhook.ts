import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const LITERALS = ["/webhooks/", "api.telegram.org/bot", "hooks.slack.com/services/"] as const;
/** Addresses with the secret in them: whoever has one can post, so honest projects keep theirs out of releases. */
const WITH_SECRET =
  /discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{5,25}\/[\w-]{20,100}|api\.telegram\.org\/bot\d{6,12}:[\w-]{30,60}|hooks\.slack\.com\/services\/T\w{6,14}\/B\w{6,14}\/\w{18,30}/i;
/** A token written beside the address that it belongs to. */
const BOT_TOKEN = /["'`]\d{8,11}:AA[\w-]{33}["'`]/;
/** Documentation spells secrets out of one letter, counting digits or words. */
const PLACEHOLDER = /x{5}|0{6}|1234567|abcdef|your|example/i;

export const chatWebhook: Detector = {
  id: "chat-webhook",
  title: "A chat webhook with its secret is written into the code",
  severity: "high",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 5.6,
  class: "threat",
  group: "exfiltration-channel",
  why: `The code holds the address of a Discord, Telegram or Slack webhook together with its secret. Stealers send what they
collected to such an address because it needs no server and passes firewalls; it is the most common channel of malware in package indexes.

Harmless when a developer forgot a webhook of their own in a release; it should be revoked and removed all the same.`,
  literals: [...LITERALS, "telebot"],
  *detect(tree) {
    for (const file of codeWith(tree, [...LITERALS, "telebot"])) {
      const match = webhookIn(file);
      if (match === undefined) continue;
      yield sight(file, match.index, `posts to a chat webhook with its secret: ${match[0].slice(0, 60)}…`);
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": `HOOK = "https:/" + "/discord.com/api/webhooks/105566778899/${"aB3_".repeat(17)}"\n` },
      },
      {
        ecosystem: "npm",
        files: { "a.js": `const hook = "hooks.slack.com/services/T01QWERTZU/B01QWERTZU/${"a1B2".repeat(6)}";\n` },
      },
    ],
    passes: [
      { ecosystem: "pypi", files: { "demo/a.py": `# discord.com/api/webhooks/105566778899/${"aB3_".repeat(17)}\n` } },
      { ecosystem: "npm", files: { "a.js": `const base = "discord.com/api/webhooks/" + id + "/" + token;\n` } },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: { "a.py": `u = "DiscordApp.com/api/v10/webhooks/105566778899/${"aB3_".repeat(17)}"\n` },
      },
    ],
  },
};

/** The webhook or bot token with its secret that the file holds, other than a placeholder. */
export function webhookIn(file: SourceFile): RegExpExecArray | undefined {
  if (!file.hits.hasAny(LITERALS) && !file.has("telebot")) return undefined;
  const isBot = file.has("api.telegram.org/bot") || file.has("telebot");
  const match = matchInCode(file, WITH_SECRET) ?? (isBot ? matchInCode(file, BOT_TOKEN) : undefined);
  return match === undefined || PLACEHOLDER.test(match[0]) ? undefined : match;
}

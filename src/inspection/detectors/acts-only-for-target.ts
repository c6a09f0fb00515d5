import { mayDo } from "../behaviour/marks.ts";
import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, inComment, sight } from "./_sight.ts";

const FACT_WORDS = [
  "gethostname", "getfqdn", "platform.node", "getuser", "getlogin", "nodename", "os.hostname", "userinfo", "userdomain", "userdnsdomain",
  "computername", "getdefaultlocale", "getlocale", "timezone", "country",
] as const; // biome-ignore format: a list of words
const WORDS = [...FACT_WORDS, "datetime", "e.now()", "new date"] as const;

/** Who or where this machine is, compared with a text: before the operator, or after it. */
const FACT =
  "(?:socket\\.(?:gethostname|getfqdn)\\(\\)|platform\\.node\\(\\)|(?:getpass\\.)?getuser\\(\\)|os\\.getlogin\\(\\)|os\\.uname\\(\\)(?:\\.nodename|\\[1\\])|" +
  "os\\.hostname\\(\\)|os\\.userInfo\\(\\)\\.username|(?:environ\\.get\\(|environ\\[|getenv\\(|process\\.env[.[])[\"'`]?(?:USERDOMAIN|USERDNSDOMAIN|COMPUTERNAME|HOSTNAME)[\"'`]?[\\])]?|" +
  "locale\\.(?:getdefaultlocale|getlocale)\\(\\)(?:\\[0\\])?|resolvedOptions\\(\\)\\.timeZone)";
const TEXT = "[\"'`]([^\"'`\\n]{3,60})[\"'`]";
const LOWER = "(?:\\.(?:lower|upper|casefold|strip|toLowerCase|toUpperCase|trim)\\(\\)){0,2}";
const COMPARED =
  "\\s{0,3}(?:===?|!==?|not in|in|\\.(?:startsWith|startswith|endsWith|endswith|includes)\\()\\s{0,3}[\\[({]?\\s{0,3}";
/** Parts of a fact without one of which none is named, so that most files need not be searched for the whole. */
const FACT_PARTS = [
  "gethostname()", "getfqdn()", "platform.node()", "getuser()", "getlogin()", "os.uname()", "os.hostname()", "os.userInfo()", "USERDOMAIN",
  "USERDNSDOMAIN", "COMPUTERNAME", "HOSTNAME", "getdefaultlocale()", "getlocale()", "resolvedOptions()",
] as const; // biome-ignore format: a list of words
const FACTS = new RegExp(FACT, "g");
/** What may stand around a fact, which is rarer than assignments and literals are. */
const ASSIGNED_BEFORE = /\b(\w{1,40})\s{0,3}=\s{0,3}$/;
const COMPARED_AFTER = new RegExp(`${FACT}${LOWER}${COMPARED}${TEXT}`, "y");
const COMPARED_BEFORE = new RegExp(`${TEXT}${COMPARED}$`);
/** Words that the prefilter finds wherever one of the parts stands, and the other parts: every second program knows time zones. */
const TELLING_WORDS = FACT_WORDS.filter((word) => word !== "timezone" && word !== "country" && word !== "nodename");
const UNTOLD_PARTS = ["os.uname()", "HOSTNAME", "resolvedOptions()"] as const;
/** Characters before a fact that these two may take, and one more. */
const BEFORE_FACT = 100;
/** A day that is not this program's to know, compared with today. */
const DATED =
  /\b(?:datetime\.(?:datetime\.)?(?:now|today|utcnow)\(\)|date\.today\(\)|Date\.now\(\)|new Date\(\)(?:\.getTime\(\))?|time\.time\(\))\s{0,3}(?:>=?|==)\s{0,3}(?:datetime\.|date\.){0,2}(?:(?:datetime|date|new Date|Date\.UTC|Date\.parse)\(\s{0,3}["']?20\d\d|1[6-9]\d{8}(?:\d{3})?\b)/g;
/** Accounts that many machines have. */
const ORDINARY =
  /^(?:root|admin|administrator|user|guest|runner|travis|vagrant|docker|ubuntu|jenkins|node|nobody|www-data|circleci|localhost(?:\.localdomain)?|local|true|false|none|undefined|unknown|utc|en|en_us|c\.utf-8|posix|windows|linux|darwin|production|development|test|colab|default|pypy)$/i;
/** Where the machine stands, as services tell it. */
const COUNTRY =
  /\bcountry_?(?:name|code)?(?:\.(?:toLowerCase|toUpperCase)\(\))?\s{0,3}(?:===?|\.(?:includes|startsWith)\()\s{0,3}["'`]\w[^"'`\n]{1,40}["'`]/gi;
/** Folders of the user and the machine itself go, whatever they hold. */
const DESTROYS =
  /\bshutdown[ \t]{1,3}(?:-h|-P|-r|\/s|\/r|now)|\brm -rf["']?[ \t]{1,3}\\?["']?(?:~|\/(?![\w.])|\$HOME)|\b[\w$]{1,40}\(\s{0,3}(?:(?:os\.)?homedir\(\)|["']\/["'])\s{0,3}\)|\bmkfs\b|format c:|\bdd if=\/dev\//i;
const STOPS = /^\s{0,8}(?:\{\s{0,8})?(?:(?:sys\.|os\._?|process\.)?(?:exit|quit)\(|return\b|raise SystemExit)/;
const DELETES = /\bshutil\.rmtree\(|\brm -rf\b|\brmSync\(|\bfs\.rm\(|\bformat c:/i;
/** What has to be guarded. */
const GUARDED_ACTS = ["start", "run-code", "upload", "load-native", "install-package"] as const;
/** Characters of what a condition guards that are looked at. */
const GUARDED = 3_000;
/** Conditions looked at in one file. */
const MOST_CONDITIONS = 20;

export const actsOnlyForTarget: Detector = {
  id: "acts-only-for-target",
  title: "Starts, loads, sends or deletes something on one machine, for one user or from one day on only",
  severity: "high",
  ecosystems: ["pypi", "npm"],
  points: 4.2,
  class: "threat",
  group: "target",
  why: `A condition compares the name of this machine, its domain, its user, its language or the day with a constant, and what it guards starts a
process, runs text, sends data or deletes folders. It counts fully where JavaScript deletes the user's files or turns the machine off. Attacks on one organisation hide from everybody else that way, and logic bombs wait.

Programs ask which system they run on for good reasons; that is no fact about one machine and does not count, nor do accounts that many machines
have (root, runner), nor conditions that guard nothing of the kind.`,
  literals: WORDS,
  *detect(tree) {
    for (const file of codeWith(tree, WORDS)) {
      if (file.phase === "none" || (file.kind !== "python" && file.kind !== "javascript")) continue;
      const destroying = file.kind === "javascript" ? firstDestroying(file) : undefined;
      const found = destroying ?? firstGuarding(file);
      if (found === undefined) continue;
      const says = `what follows is for one target only: ${found.condition}`;
      yield sight(file, found.at, says, { share: destroying === undefined ? 0.62 : 1 });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "setup.py": "import socket, os\nif socket.gethostname() == 'build-7.acme':\n    os.system('sh x.sh')\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"name":"a","main":"index.js"}`,
          "index.js":
            "const cp = require('child_process');\nif (Date\u002enow() > 1830000000000) { cp.execSync('x'); }\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import platform, os\nif platform.system() == 'Windows':\n    os.system('nmake')\n" },
      },
      {
        ecosystem: "pypi",
        files: { "setup.py": "import getpass, os\nif getpass.getuser() == 'root':\n    os.system('ldconfig')\n" },
      },
      {
        ecosystem: "pypi",
        files: { "setup.py": "import socket\nif socket.gethostname() == 'build-7.acme':\n    print('hello')\n" },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"name":"a","main":"index.js"}`,
          "index.js":
            "const j = await (await fetch('https://example.invalid/geo')).json();\nif (j.country_name === 'Nowhere') wipe(os.homedir());\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import socket, os, sys\nh = socket.getfqdn().lower()\nif 'acme-corp' not in h:\n    sys.exit(0)\nos.system('x')\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"name":"a","main":"index.js"}`,
          "index.js":
            "const os = require('os'), cp = require('child_process');\nif (!os.hostname().endsWith('.acme.corp')) process.exit();\ncp.exec('x');\n",
        },
      },
    ],
  },
};

interface Condition {
  readonly at: number;
  readonly end: number;
  readonly condition: string;
}

function firstGuarding(file: SourceFile): Condition | undefined {
  if (!mayDo(file, GUARDED_ACTS) && !DELETES.test(file.text)) return undefined;
  let acts: readonly number[] | undefined;
  for (const one of conditionsIn(file)) {
    if (inComment(file, one.at)) continue;
    acts ??= deedsOf(file, ...GUARDED_ACTS).map(({ offset }) => offset);
    const [from, to] = guardedBy(file, one);
    if (acts.some((offset) => offset >= from && offset < to) || DELETES.test(file.text.slice(from, to))) return one;
  }
  return undefined;
}

/** A condition that names a machine or a country and guards destruction. */
function firstDestroying(file: SourceFile): Condition | undefined {
  if (file.phase === "call" || !DESTROYS.test(file.text)) return undefined;
  const countries = [...file.text.matchAll(COUNTRY)]
    .slice(0, MOST_CONDITIONS)
    .map((one) => conditionAt(one.index, one[0]));
  for (const one of [...countries.filter(({ at }) => isCondition(file.text, at)), ...conditionsIn(file)]) {
    if (inComment(file, one.at)) continue;
    if (DESTROYS.test(file.text.slice(...guardedBy(file, one)))) return one;
  }
  return undefined;
}

function* conditionsIn(file: SourceFile): Iterable<Condition> {
  // Most files that know the day ask for nothing else, and the patterns for the rest look at every assignment.
  if (file.hits.hasAny(FACT_WORDS)) yield* comparisonsIn(file);
  if (!mayAskForDay(file.text)) return;
  for (const match of file.text.matchAll(DATED))
    if (isCondition(file.text, match.index)) yield conditionAt(match.index, match[0]);
}

function* comparisonsIn({ text, hits }: SourceFile): Iterable<Condition> {
  if (!(hits.hasAny(TELLING_WORDS) ? FACT_PARTS : UNTOLD_PARTS).some((part) => text.includes(part))) return;
  let left = MOST_CONDITIONS;
  for (const { condition, subject } of comparedFacts(text)) {
    if (left-- === 0) return;
    if (!ORDINARY.test(subject) && isCondition(text, condition.at)) yield condition;
  }
}

interface Comparison {
  readonly condition: Condition;
  /** What the fact is compared with. */
  readonly subject: string;
}

/** Comparisons with facts, and with names that facts are given, in the order of the patterns. */
function* comparedFacts(text: string): Iterable<Comparison> {
  const facts = [...text.matchAll(FACTS)].slice(0, MOST_FACTS).map(({ index }) => index);
  for (const at of facts) {
    COMPARED_AFTER.lastIndex = at;
    const match = COMPARED_AFTER.exec(text);
    if (match !== null) yield { condition: conditionAt(at, match[0]), subject: match[1]! };
  }
  for (const at of facts) {
    const before = textBefore(text, at);
    const match = COMPARED_BEFORE.exec(before);
    if (match === null) continue;
    FACTS.lastIndex = at;
    const whole = match[0] + (FACTS.exec(text)?.[0] ?? "");
    yield { condition: conditionAt(at - match[0].length, whole), subject: match[1]! };
  }
  const names = facts.flatMap((at) => ASSIGNED_BEFORE.exec(textBefore(text, at))?.[1] ?? []).slice(0, 5);
  for (const name of new Set(names))
    for (const pattern of [`\\b${name}\\b${LOWER}${COMPARED}${TEXT}`, `${TEXT}${COMPARED}\\b${name}\\b`])
      for (const match of text.matchAll(new RegExp(pattern, "g")))
        yield { condition: conditionAt(match.index, match[0]), subject: match[1]! };
}

/** Facts looked at in one file. */
const MOST_FACTS = 5_000;

function textBefore(text: string, at: number): string {
  return text.slice(Math.max(0, at - BEFORE_FACT), at);
}

/** Whether the day is asked for and what comes is compared at once. */
function mayAskForDay(text: string): boolean {
  return DAYS.some((call) => {
    for (let at = text.indexOf(call); at >= 0; at = text.indexOf(call, at + call.length)) {
      COMPARES.lastIndex = at + call.length;
      if (COMPARES.test(text)) return true;
    }
    return false;
  });
}

/** How the calls that DATED begins with end, and what follows. */
const DAYS = ["now()", "today()", "Date()", ".getTime()", "time.time()"] as const;
const COMPARES = /\s{0,3}[>=]/y;

function conditionAt(at: number, condition: string): Condition {
  return { at, end: at + condition.length, condition: condition.slice(0, 120) };
}

function isCondition(text: string, at: number): boolean {
  const line = text.slice(Math.max(text.lastIndexOf("\n", at) + 1, at - 300), at);
  return /\b(?:if|elif|while)\b/.test(line);
}

/** The part of the text that runs only where the condition holds: the block below it, or all that follows where the block leaves. */
function guardedBy(file: SourceFile, { at, end }: Condition): readonly [number, number] {
  const { text } = file;
  const bodyAt = file.kind === "python" ? text.indexOf(":", end) + 1 : endOfParentheses(text, end);
  const body = file.kind === "python" ? endOfIndented(text, at) : endOfBraces(text, bodyAt);
  return STOPS.test(text.slice(bodyAt, bodyAt + 60)) ? [body, body + GUARDED] : [bodyAt, body];
}

function endOfIndented(text: string, at: number): number {
  const start = text.lastIndexOf("\n", at) + 1;
  const indent = widthOf(text, start);
  const most = Math.min(text.length, at + GUARDED);
  let line = text.indexOf("\n", at) + 1;
  while (line > 0 && line < most && (widthOf(text, line) > indent || text[line] === "\n"))
    line = text.indexOf("\n", line) + 1;
  return line > 0 ? Math.min(line, most) : most;
}

function widthOf(text: string, line: number): number {
  let width = 0;
  while (width < 200 && (text[line + width] === " " || text[line + width] === "\t")) width++;
  return width;
}

function endOfParentheses(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < Math.min(text.length, from + 300); at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth <= 0 && !/^\s{0,4}(?:[)&|.]|===?)/.test(text.slice(at + 1, at + 8)))
      return at + 1;
  }
  return from;
}

function endOfBraces(text: string, from: number): number {
  const open = text.slice(from, from + 20).search(/\S/);
  if (open < 0) return from;
  if (text[from + open] !== "{") return endOrMost(text.indexOf(";", from), text, from);
  let depth = 0;
  for (let at = from + open; at < Math.min(text.length, from + GUARDED); at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return at + 1;
  }
  return Math.min(text.length, from + GUARDED);
}

function endOrMost(at: number, text: string, from: number): number {
  return at < 0 ? Math.min(text.length, from + GUARDED) : Math.min(at + 1, from + GUARDED);
}

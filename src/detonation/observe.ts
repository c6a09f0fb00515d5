import type { Finding, Severity } from "../catalog/model.ts";
import { printable } from "../inspection/run-detectors.ts";
import type { Event } from "./model.ts";

/** What a detonation can find. Ids are public and permanent, like those of detectors. */
export const DETONATION_RULES = {
  "detonated-sends-secret": { severity: "critical", title: "A decoy secret was sent away" },
  "detonated-reads-secret": { severity: "high", title: "A decoy secret was read that installing has no need of" },
  "detonated-uses-network": { severity: "high", title: "A server was asked for or spoken to" },
  "detonated-settles": { severity: "high", title: "A file was written that starts by itself later" },
  "detonated-starts-dropped-file": { severity: "high", title: "A file was started that the run itself had written" },
  "detonated-injects": { severity: "high", title: "Another process was taken control of" },
  "detonated-removes": { severity: "high", title: "Files of the home folder were removed" },
  "detonated-starts-program": {
    severity: "low",
    title: "A program was started that a harmless package does not start",
  },
  "detonated-stays": { severity: "low", title: "Processes went on after installing had ended" },
} as const satisfies Readonly<Record<string, { readonly severity: Severity; readonly title: string }>>;

type Rule = keyof typeof DETONATION_RULES;

/** Findings of one rule that are kept. */
const MOST_PER_RULE = 20;
const HOME = "/home/dev/";

/** What `events` show beyond what a harmless package does. In the order of the rules, then as seen; bounded. */
export function findingsOf(
  events: readonly Event[],
  baseline: readonly Event[],
  decoyFiles: readonly string[],
): Finding[] {
  const usual = new Set(baseline.flatMap(keysOf));
  const own = events.filter((event) => event.step !== "unpack");
  const written = new Set<string>();
  const said = new Map<Rule, Set<string>>();
  const say = (rule: Rule, step: string, what: string) => {
    const kept = said.get(rule) ?? said.set(rule, new Set()).get(rule)!;
    if (kept.size < MOST_PER_RULE) kept.add(`${step}: ${what}`);
  };
  for (const event of own) {
    if (event.kind === "open" && event.writes) written.add(event.path);
    if (keysOf(event).some((key) => usual.has(key))) continue;
    switch (event.kind) {
      case "start":
        if (written.has(event.program)) say("detonated-starts-dropped-file", event.step, commandLine(event.argv));
        else if (!isBuildTool(event.program)) say("detonated-starts-program", event.step, commandLine(event.argv));
        break;
      case "open":
        if (!event.writes && isDecoy(event.path, decoyFiles))
          say("detonated-reads-secret", event.step, `reads ${event.path}`);
        if (event.writes && STARTS_LATER.test(event.path)) say("detonated-settles", event.step, `writes ${event.path}`);
        break;
      case "remove":
        if (isDecoy(event.path, decoyFiles)) say("detonated-removes", event.step, `removes ${event.path}`);
        break;
      case "inject":
        if (event.call !== "memfd_create") say("detonated-injects", event.step, `calls ${event.call}`);
        break;
      case "ask":
        say("detonated-uses-network", event.step, `asks for the address of ${event.name}`);
        break;
      case "connect":
        if (!isLocal(event.address))
          say("detonated-uses-network", event.step, `connects to ${event.address} port ${event.port}`);
        break;
      case "send":
        if (!isLocal(event.host)) sayOfSending(event, say);
        break;
      case "end":
        if (event.left > 0)
          say(
            "detonated-stays",
            event.step,
            `${event.left} ${event.left === 1 ? "process was" : "processes were"} still running`,
          );
        break;
    }
  }
  return (Object.keys(DETONATION_RULES) as Rule[]).flatMap((rule) =>
    [...(said.get(rule) ?? [])].map((says) => finding(rule, says)),
  );
}

function sayOfSending(
  event: Event & { readonly kind: "send" },
  say: (rule: Rule, step: string, what: string) => void,
): void {
  const { step, host, port, protocol, line, decoys } = event;
  if (decoys.length > 0) say("detonated-sends-secret", step, `sends ${decoys.join(", ")} to ${host} port ${port}`);
  const what = { http: `asks ${host} for ${line}`, tls: `opens TLS to ${line || host}`, other: `talks to ${host}` }[
    protocol
  ];
  say("detonated-uses-network", step, `${what} (port ${port})`);
}

function finding(rule: Rule, says: string): Finding {
  const { severity } = DETONATION_RULES[rule];
  return { detector: rule, severity, path: "", line: null, says: printable(`At ${says}`, 300) };
}

/** What makes two events the same thing in two runs. */
function keysOf(event: Event): string[] {
  if (event.kind === "start") return [`start ${event.program.split("/").at(-1)}`];
  if (event.kind === "open" && !event.writes) return [`open ${event.path}`];
  if (event.kind === "remove") return [`remove ${event.path}`];
  return [];
}

/** Compilers, linkers and what looks for them: what they are told to do, others see by what comes of it. */
const BUILD_TOOLS =
  /^(?:[\w.-]{0,40}-)?(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|cpp|cc1|cc1plus|collect2|ld|lto-wrapper|as|ar|ranlib|rustc|cargo|make|ninja|cmake|meson|pkg-config|ldconfig|uname|lsb_release|file)(?:-[\d.]{1,10})?$/;

function isBuildTool(program: string): boolean {
  return program.startsWith("/usr/") && BUILD_TOOLS.test(program.split("/").at(-1)!);
}

const STARTS_LATER =
  /^\/home\/dev\/(?:\.(?:bash|zsh|profile|login|xsession|xprofile|npmrc|gitconfig)|\.ssh\/authorized_keys|\.config\/(?:autostart|systemd|fish)\/|\.local\/share\/(?:applications|systemd)\/|\.claude\/|\.cursor\/|\.vscode\/|\.config\/pip\/|work\/)|^\/var\/spool\/cron/;

function isDecoy(path: string, decoyFiles: readonly string[]): boolean {
  return path.startsWith(HOME) && decoyFiles.includes(path.slice(HOME.length));
}

/** Our own, and addresses that the sinkhole gave out for a name that was asked for. */
function isLocal(address: string): boolean {
  return /^(?:127\.|198\.1[89]\.|::1$|::ffff:127\.|0\.0\.0\.0$|::$|localhost$)/.test(address);
}

function commandLine(argv: readonly string[]): string {
  return `starts ${argv.join(" ")}`;
}

import type { Event } from "./model.ts";

/** System calls that strace is asked for; what it prints of them is all that is read here. */
export const TRACED_CALLS =
  "execve,execveat,connect,sendto,open,openat,creat,rename,renameat,renameat2,unlink,unlinkat,symlink,symlinkat,link,linkat,ptrace,process_vm_writev,memfd_create";

/**
 * The events in one strace log (`strace -f -qq -s 512 -e trace=…`), in order. Lines that are not understood, and calls that
 * failed because nothing was there, are passed over: the log is made of what the traced program chose to say.
 */
export function* readStrace(log: string, step: string): Iterable<Event> {
  for (let at = 0; at < log.length; ) {
    const end = log.indexOf("\n", at);
    const stop = end === -1 ? log.length : end;
    const line = log.slice(at, Math.min(stop, at + LONGEST));
    at = stop + 1;
    const match = CALL.exec(line);
    const event = match === null ? undefined : readCall(match[1]!, match[2]!, step);
    if (event !== undefined) yield event;
  }
}

/** Characters of a line that are read: a command line is cut by strace itself long before. */
const LONGEST = 20_000;
/** `12 openat(…` with or without the process number; resumed calls were seen when they began. */
const CALL = /^(?:\d{1,9} {1,4})?([a-z_0-9]{1,24})\((.*)$/;

function readCall(call: string, rest: string, step: string): Event | undefined {
  const failed = /\) {1,20}= -1 E(?:NOENT|NOTDIR|NOEXEC|ACCES)\b[^"]{0,80}$/.test(rest);
  const strings = readStrings(rest);
  switch (call) {
    case "execve":
    case "execveat":
      return failed ? undefined : { kind: "start", step, program: strings[0] ?? "", argv: strings.slice(1, 60) };
    case "open":
    case "openat":
    case "creat":
      if (strings[0] === undefined || failed) return undefined;
      return { kind: "open", step, path: strings[0], writes: call === "creat" || /O_(?:WRONLY|RDWR|CREAT)/.test(rest) };
    case "rename":
    case "renameat":
    case "renameat2":
    case "link":
    case "linkat":
    case "symlink":
    case "symlinkat":
      return strings[1] === undefined || failed ? undefined : { kind: "open", step, path: strings[1], writes: true };
    case "unlink":
    case "unlinkat":
      return strings[0] === undefined || failed ? undefined : { kind: "remove", step, path: strings[0] };
    case "connect":
    case "sendto":
      return readConnection(rest, step);
    case "ptrace":
    case "process_vm_writev":
    case "memfd_create":
      return { kind: "inject", step, call };
    default:
      return undefined;
  }
}

function readConnection(rest: string, step: string): Event | undefined {
  const port = /sin6?_port=htons\((\d{1,5})\)/.exec(rest)?.[1];
  const address = /sin_addr=inet_addr\("([\d.]{7,15})"\)|inet_pton\(AF_INET6, "([0-9a-fA-F:.]{2,45})"/.exec(rest);
  if (port === undefined || address === null) return undefined;
  return { kind: "connect", step, address: address[1] ?? address[2]!, port: Number(port) };
}

/** The quoted strings of a call, unescaped; those that strace cut end with an ellipsis. */
function readStrings(rest: string): string[] {
  const strings: string[] = [];
  for (const [, quoted, cut] of rest.matchAll(/"((?:[^"\\]|\\[^\n]){0,4000})"(\.\.\.)?/g)) {
    strings.push(unquote(quoted!) + (cut === undefined ? "" : "…"));
    if (strings.length >= 64) break;
  }
  return strings;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", v: "\v", f: "\f" };

function unquote(quoted: string): string {
  const bytes = quoted.replace(/\\([0-7]{1,3}|x[0-9a-f]{2}|.)/g, (_, code: string) => {
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    if (/^x[0-9a-f]{2}$/.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return ESCAPES[code] ?? code;
  });
  return Buffer.from(bytes, "latin1").toString("utf8");
}

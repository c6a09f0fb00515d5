import type { Call, Value } from "../languages/calls.ts";

/** An interpreter that is given nothing to run but what it reads. */
const READS_PROGRAM =
  /^(?:[\w.:~-]{0,60}[/\\]){0,8}(?:sys\.executable|python[\d.]{0,5}w?|pypy3?|bash|sh|zsh|node|perl|ruby)(?:\.exe)?(?: -[uisqEB]{0,4}){0,3}$/;
const FEEDS = /^subprocess\.Popen\(\)\.(?:communicate|stdin\.write)$/;

/** Whether the call gives a program to an interpreter that was started without one: `Popen([sys.executable, "-"], stdin=PIPE).communicate(text)`. */
export function feedsInterpreter({ name, args, receiver }: Call): boolean {
  if (!FEEDS.test(name) || args.length === 0 || receiver.kind !== "name") return false;
  const started = receiver.call?.args[0]?.value;
  return started !== undefined && READS_PROGRAM.test(wordsOf(started));
}

function wordsOf(value: Value): string {
  if (value.kind === "list") return value.items.length > MOST_WORDS ? "" : value.items.map(wordsOf).join(" ");
  return value.kind === "text"
    ? value.text
    : value.kind === "name" && value.name === "sys.executable"
      ? value.name
      : "…";
}

const MOST_WORDS = 6;

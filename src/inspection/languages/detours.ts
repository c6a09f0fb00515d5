import type { Argument, Call } from "./calls.ts";
import { type NameValue, textOf, type Value, wholeText } from "./value.ts";

/** What somebody may want to reach without saying so: runs text, starts programs. */
const DANGEROUS =
  /^(?:exec|eval|execfile|__import__|os\.(?:system|popen|startfile|exec[lv]\w{0,2}|spawn[lv]\w{0,2})|subprocess\.(?:Popen|run|call|check_call|check_output|getoutput|getstatusoutput)|pty\.spawn)$/;

/** Whether the value is a function that runs text or starts programs, by its own name. */
export function isDangerous(value: Value | undefined): value is NameValue {
  return value?.kind === "name" && value.call === undefined && DANGEROUS.test(value.name);
}

/** The same of scripts. */
export function isDangerousScript(value: Value | undefined): value is NameValue {
  return value?.kind === "name" && value.call === undefined && DANGEROUS_SCRIPT.test(value.name);
}

const DANGEROUS_SCRIPT =
  /^(?:eval|Function|child_process\.(?:exec|spawn|execFile|fork|execSync|spawnSync|execFileSync)|vm\.(?:runIn\w{3,20}Context|Script|compileFunction))$/;

/** The dangerous one of values of which any may be meant: `(os.system if a else print)`, `f or exec`, an item of a list or table. */
export function dangerousOf(values: readonly Value[]): NameValue | undefined {
  let level = values;
  for (let depth = 0, left = MOST_HELD; depth <= DEEPEST && level.length > 0 && left > 0; depth++) {
    const looked = level.slice(0, left);
    left -= looked.length;
    for (const value of looked) if (isDangerous(value) || isDangerousScript(value)) return value;
    level = looked.flatMap((value) => heldIn(value) ?? []);
  }
  return undefined;
}

/** Items and tables inside each other, and values of all of them, that are looked through. */
const DEEPEST = 3;
const MOST_HELD = 256;

function heldIn(value: Value): readonly Value[] | undefined {
  if (value.kind === "list") return value.items.length > MOST_ITEMS ? value.items.slice(0, MOST_ITEMS) : value.items;
  if (value.kind === "mixed") return value.parts;
  return value.kind === "record" ? value.entries.values().take(MOST_ITEMS).toArray() : undefined;
}

const MOST_ITEMS = 32;

/** The same of values that are called on the spot, where `eval if trusted else literal_eval` is a choice that honest parsers of Python offer. */
export function dangerousCallee(values: readonly Value[], isPython: boolean): NameValue | undefined {
  const found = dangerousOf(values);
  return isPython && found?.name === "eval" ? undefined : found;
}

/** Methods that give what a table or an object holds by name. */
export const GETTERS: ReadonlySet<string> = new Set(["get", "pop", "setdefault", "__getitem__", "__getattribute__"]);

/** Functions and methods that call what they are given, with what else they are given. */
const CALLERS =
  /(?:^|\.)(?:Thread|Timer|Process|register|submit|map|imap|starmap|apply|apply_async|map_async|start_new_thread|run_in_executor|to_thread|call_soon|call_later|partial|run_sync|filter|reduce|sorted|sort|min|max)$/;
/** Those of which people make use to read numbers and tables: `map(eval, input().split())`. */
const OVER_LISTS = /(?:map|starmap|apply|apply_async|map_async|filter|reduce|sorted|sort|min|max)$/;

/** What a getter of the operator module gives for `of`, as `member` sees it: `attrgetter("system")(os)`, `itemgetter("exec")(vars(builtins))`. */
export function gottenBy(
  call: Call,
  member: (of: Value, name: string) => Value,
): { readonly value: Value; readonly args: readonly Argument[] | undefined } | undefined {
  const kind = GETTER.exec(call.name)?.[1];
  const made = kind === undefined || call.receiver.kind !== "name" ? undefined : call.receiver.call;
  const of = call.args[0]?.value;
  const path = wholeText(made?.args[0]?.value);
  if (made === undefined || of === undefined || path === undefined || !PATH.test(path)) return undefined;
  const value = path.split(".").reduce(member, of);
  return { value, args: kind === "methodcaller" ? made.args.slice(1) : undefined };
}

const GETTER = /(?:^|\.)(methodcaller|attrgetter|itemgetter)\(\)$/;
const PATH = /^[A-Za-z_][\w.]{0,80}$/;

/**
 * The call that a call makes of a function it is given: `Thread(target=os.system, args=(command,))` calls `os.system(command)`. A function
 * of the file (`isOwn`) is taken to call what it is given, with what else it is given.
 */
export function handedOn(call: Call, isOwn: boolean): Pick<Call, "name" | "args"> | undefined {
  if (call.args.length === 0 || call.args.length > MOST_ARGUMENTS) return undefined;
  if (!isOwn && !CALLERS.test(call.name)) return undefined;
  const at = call.args.findIndex(({ value }) => isDangerous(value));
  const callee = call.args[at]?.value;
  const isOver = !isOwn && OVER_LISTS.test(call.name);
  if (!isDangerous(callee) || ((isOwn || isOver) && callee.name === "eval")) return undefined;
  const rest = call.args.filter((argument, other) => other !== at && argument.name !== "daemon").map(positional);
  if (!isOver) return { name: callee.name, args: rest };
  const over = rest.length === 0 ? [{ name: undefined, value: call.receiver, token: call.token }] : rest;
  return { name: callee.name, args: over.map((argument) => oneByOne(argument, callee.name === "exec" ? "\n" : "; ")) };
}

/** A list of texts that are handed over one by one, as one text of them all. */
function oneByOne(argument: Argument, between: string): Argument {
  const { value } = argument;
  if (value.kind !== "list" || value.items.length > MOST_ITEMS) return argument;
  const texts = value.items.flatMap((item) => wholeText(item) ?? []);
  return texts.length < value.items.length || texts.length === 0
    ? argument
    : { ...argument, value: textOf(texts.join(between)) };
}

const MOST_ARGUMENTS = 12;

/** An argument that holds the arguments is the same to those who look for what they say. */
function positional({ name, value, token }: Argument): Argument {
  return { name: name === "args" || name === "kwargs" ? undefined : name, value, token };
}

/**
 * The call that a call of a script makes of a function it is given: `setImmediate(eval, text)`, `commands.forEach(execSync)`,
 * `answer.then(eval)`, `run(exec, command)`. Whatever is given one is taken to call it, unless it only hands it on.
 */
export function handedOnScript(call: Call): Pick<Call, "name" | "args"> | undefined {
  if (call.args.length > MOST_ARGUMENTS) return undefined;
  const at = call.args.findIndex(({ value }) => isDangerousScript(value));
  const callee = call.args[at]?.value;
  if (!isDangerousScript(callee)) return textGiven(call);
  if (KEEPS.test(call.name)) return undefined;
  const rest = call.args.filter((_, other) => other !== at && !(other === at + 1 && TIMER.test(call.name)));
  const of = rest.length === 0 && OF_RECEIVER.test(call.name) ? [argumentOf(call.receiver, call.token)] : rest;
  return { name: callee.name, args: of.map((argument) => oneByOne(argument, "; ")) };
}

/** They give or keep what they are given. */
const KEEPS =
  /(?:^|\.)(?:call|apply|bind|promisify|set|push|add|assign|freeze|defineProperty|get|construct|mocked|mock|spyOn|stub|is|equal|strictEqual|log|typeOf|keys|from|__importDefault|__importStar)$|^(?:Map|WeakMap|Set|Proxy)$/;
const TIMER = /^set(?:Timeout|Interval)$/;
const OF_RECEIVER = /\.(?:forEach|map|some|every|find|filter|flatMap|then|catch|finally|replace|replaceAll)$/;

function argumentOf(value: Value, token: number): Argument {
  return { name: undefined, value, token };
}

/** What runs the text of an answer without `eval`: a timer, and an import of an address that is the text. */
function textGiven(call: Call): Pick<Call, "name" | "args"> | undefined {
  const value = call.args[0]?.value;
  if (value === undefined) return undefined;
  const runs = TIMER.test(call.name)
    ? value.kind === "name" && /\.text\(\)$/.test(value.name)
    : call.name === "import" &&
      ((value.kind === "text" && !value.whole && /^data:(?:text|application)\/javascript/.test(value.text)) ||
        (value.kind === "name" && /(?:^|\.)URL\.createObjectURL\(\)$/.test(value.name)));
  return runs ? { name: "eval", args: call.args.slice(0, 1) } : undefined;
}

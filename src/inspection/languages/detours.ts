import type { Argument, Call } from "./calls.ts";
import { type NameValue, type Value, wholeText } from "./value.ts";

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
export function dangerousOf(values: readonly Value[], depth = 0): NameValue | undefined {
  for (const value of values.length > MOST_ITEMS ? values.slice(0, MOST_ITEMS) : values) {
    if (isDangerous(value)) return value;
    const inner = depth < DEEPEST ? heldIn(value) : undefined;
    const found = inner === undefined ? undefined : dangerousOf(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Items and tables inside each other, and values of one, that are looked through. */
const DEEPEST = 3;
const MOST_ITEMS = 32;

function heldIn(value: Value): readonly Value[] | undefined {
  if (value.kind === "list") return value.items;
  if (value.kind === "mixed") return value.parts;
  return value.kind === "record" ? [...value.entries.values()] : undefined;
}

/** The same of values that are called on the spot, where `eval if trusted else literal_eval` is a choice that honest parsers offer. */
export function dangerousCallee(values: readonly Value[]): NameValue | undefined {
  const found = dangerousOf(values);
  return found?.name === "eval" ? undefined : found;
}

/** Methods that give what a table or an object holds by name. */
export const GETTERS: ReadonlySet<string> = new Set(["get", "pop", "setdefault", "__getitem__", "__getattribute__"]);

/** Functions and methods that call what they are given, with what else they are given. */
const CALLERS =
  /(?:^|\.)(?:Thread|Timer|Process|register|submit|map|imap|starmap|apply|apply_async|map_async|start_new_thread|run_in_executor|to_thread|call_soon|call_later|partial|run_sync|filter|reduce)$/;
/** Those of which people make use to read numbers and tables: `map(eval, input().split())`. */
const OVER_LISTS = /(?:map|starmap|apply|apply_async|map_async|filter|reduce)$/;

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
  if (
    !isDangerous(callee) ||
    (isOwn ? callee.name === "eval" : OVER_LISTS.test(call.name) && /^(?:exec|eval)$/.test(callee.name))
  )
    return undefined;
  const rest = call.args.filter((argument, other) => other !== at && argument.name !== "daemon");
  return { name: callee.name, args: rest.map(positional) };
}

const MOST_ARGUMENTS = 12;

/** An argument that holds the arguments is the same to those who look for what they say. */
function positional({ name, value, token }: Argument): Argument {
  return { name: name === "args" || name === "kwargs" ? undefined : name, value, token };
}

/** The call that a call of a script makes of a function it is given: `setImmediate(eval, text)`, `commands.forEach(execSync)`. */
export function handedOnScript(call: Call): Pick<Call, "name" | "args"> | undefined {
  const callee = call.args[0]?.value;
  if (!isDangerousScript(callee)) return undefined;
  if (LATER.test(call.name)) return { name: callee.name, args: call.args.slice(TIMER.test(call.name) ? 2 : 1) };
  const { receiver } = call;
  if (receiver.kind !== "list" || !EACH.test(call.name)) return undefined;
  return {
    name: callee.name,
    args: receiver.items.slice(0, 1).map((value) => ({ name: undefined, value, token: call.token })),
  };
}

const LATER = /^(?:process\.nextTick|setImmediate|queueMicrotask|setTimeout|setInterval)$/;
const TIMER = /^set(?:Timeout|Interval)$/;
const EACH = /^\.(?:forEach|map|some|every|find|filter|flatMap)$/;

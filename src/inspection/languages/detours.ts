import type { Argument, Call } from "./calls.ts";
import type { NameValue, Value } from "./value.ts";

/** What somebody may want to reach without saying so: runs text, starts programs. */
const DANGEROUS =
  /^(?:exec|eval|execfile|__import__|os\.(?:system|popen|startfile|exec[lv]\w{0,2}|spawn[lv]\w{0,2})|subprocess\.(?:Popen|run|call|check_call|check_output|getoutput|getstatusoutput)|pty\.spawn)$/;

/** Whether the value is a function that runs text or starts programs, by its own name. */
export function isDangerous(value: Value | undefined): value is NameValue {
  return value?.kind === "name" && value.call === undefined && DANGEROUS.test(value.name);
}

/** The dangerous one of values of which any may be meant: `(os.system if a else print)`, `f or exec`. */
export function dangerousOf(values: readonly Value[]): NameValue | undefined {
  return values.find(isDangerous);
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

/** The call that a call makes of a function it is given: `Thread(target=os.system, args=(command,))` calls `os.system(command)`. */
export function handedOn(call: Call): Pick<Call, "name" | "args"> | undefined {
  if (call.args.length === 0 || call.args.length > MOST_ARGUMENTS || !CALLERS.test(call.name)) return undefined;
  const at = call.args.findIndex(({ value }) => isDangerous(value));
  const callee = call.args[at]?.value;
  if (!isDangerous(callee) || (OVER_LISTS.test(call.name) && /^(?:exec|eval)$/.test(callee.name))) return undefined;
  const rest = call.args.filter((argument, other) => other !== at && argument.name !== "daemon");
  return { name: callee.name, args: rest.map(positional) };
}

const MOST_ARGUMENTS = 12;

/** An argument that holds the arguments is the same to those who look for what they say. */
function positional({ name, value, token }: Argument): Argument {
  return { name: name === "args" || name === "kwargs" ? undefined : name, value, token };
}

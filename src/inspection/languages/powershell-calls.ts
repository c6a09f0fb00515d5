/**
 * The commands and method calls of a PowerShell script, as far as its text tells. Names are lower case and aliases are
 * resolved: `IEX` is `invoke-expression`; `(New-Object Net.WebClient).DownloadString(…)` is `net.webclient.downloadstring`;
 * `[System.Convert]::FromBase64String(…)` is `convert.frombase64string`. A parameter's name is without its dash; what a
 * pipe hands over is the receiver.
 */
import { noteUnread } from "../unread.ts";
import type { Argument, Call } from "./calls.ts";
import { base64, decodeAs } from "./codecs.ts";
import { add, textual } from "./operators.ts";
import {
  COMMA,
  type Cursor,
  EQUALS,
  type Lexed,
  matchBrackets,
  OPEN_BRACKET,
  OPEN_PAREN,
  operatorAt,
  operatorCode,
  operatorsOf,
  skipOperand,
} from "./program.ts";
import { bytesOf, listOf, mixed, numberOf, textOf, UNKNOWN, type Value, wholeNumber, wholeText } from "./value.ts";

type Script = Cursor & {
  readonly variables: Map<string, Value>;
  readonly calls: Call[];
  end: number;
  depth: number;
  characters: number;
};

const ALIASES: ReadonlyMap<string, string> = new Map(
  (
    "iex invoke-expression,iwr invoke-webrequest,curl invoke-webrequest,wget invoke-webrequest,irm invoke-restmethod,icm invoke-command," +
    "saps start-process,start start-process,ii invoke-item,gc get-content,cat get-content,type get-content,sal set-alias,nal new-alias," +
    "sc set-content,ac add-content,ri remove-item,rm remove-item,del remove-item,erase remove-item,rmdir remove-item,cp copy-item," +
    "copy copy-item,mv move-item,move move-item,ni new-item,gi get-item,gci get-childitem,ls get-childitem,dir get-childitem,sv set-variable," +
    "gv get-variable,iwmi invoke-wmimethod,gwmi get-wmiobject,sp set-itemproperty,gp get-itemproperty,% foreach-object,? where-object"
  )
    .split(",")
    .map((pair) => pair.split(" ") as [string, string]),
);
const WORDS: ReadonlySet<string> = new Set(
  "if elseif else foreach for while do until switch function filter param return throw try catch finally in begin process end trap class using exit break continue".split(
    " ",
  ),
);
const STARTS: ReadonlySet<number> = new Set(
  [";", "|", "||", "&&", "{", "(", "$(", "@(", "=", "&", "."].map(operatorCode),
);
const ENDS: ReadonlySet<number> = new Set([";", "|", "||", "&&", "}", ")", "&"].map(operatorCode));
const DOT = operatorCode(".");
const STATIC = operatorCode("::");
const AMPERSAND = operatorCode("&");
const PIPE = operatorCode("|");
const PLUS = operatorCode("+");
const CLOSE_PAREN = operatorCode(")");
const CLOSE_BRACKET = operatorCode("]");
const LISTS: ReadonlySet<number> = new Set(["@(", "$("].map(operatorCode));

const MOST_CALLS = 20_000;
const MOST_ARGUMENTS = 64;
const MOST_DEPTH = 16;

/** The calls of a PowerShell file in the order of its text, at most 20,000. */
export function readPowerShellCalls(file: Lexed): Call[] {
  const script: Script = {
    tokens: file.tokens,
    text: file.text,
    length: file.tokens.length,
    mates: matchBrackets(file.tokens, file.text),
    operators: operatorsOf(file.tokens, file.text),
    variables: new Map(),
    calls: [],
    end: 0,
    depth: 0,
    characters: 16 << 20,
  };
  for (let at = 0; at < script.length && script.calls.length < MOST_CALLS; at++) readToken(script, at);
  if (script.calls.length >= MOST_CALLS) noteUnread(file, `it has more than ${MOST_CALLS} calls`);
  return script.calls;
}

function readToken(s: Script, at: number): void {
  const kind = s.tokens.kind(at);
  if (kind === "name") {
    const name = s.tokens.value(at);
    if (name.startsWith("$")) {
      assign(s, at, name);
      if (isInvoked(s, at - 1)) invokedVariable(s, at, name);
    }
    if (!/^[$-]/.test(name) && isCommandPlace(s, at) && !WORDS.has(name.toLowerCase())) command(s, at, name);
  } else if (kind === "string" && isInvoked(s, at - 1)) command(s, at, s.tokens.value(at));
  else if (operatorAt(s, at) === OPEN_PAREN) {
    if (isInvoked(s, at - 1)) invoked(s, at);
    else method(s, at);
  }
}

function operator(s: Script, at: number): number {
  return operatorAt(s, at);
}

/** A command may begin here. */
function isCommandPlace(s: Script, at: number): boolean {
  if (at === 0) return true;
  const kind = s.tokens.kind(at - 1);
  if (kind === "newline") return true;
  if (kind === "template") return s.text.charCodeAt(s.tokens.end(at - 1) - 1) === 0x28;
  const code = operator(s, at - 1);
  if (code === DOT) return s.tokens.start(at) > s.tokens.end(at - 1); // dot sourcing, not a member
  if (code === OPEN_PAREN && at > 1 && s.tokens.kind(at - 2) === "name")
    return s.tokens.start(at - 1) > s.tokens.end(at - 2);
  return STARTS.has(code);
}

function isInvoked(s: Script, at: number): boolean {
  const code = operator(s, at);
  return code === AMPERSAND || (code === DOT && at >= 0 && s.tokens.end(at) < s.tokens.start(at + 1));
}

function assign(s: Script, at: number, name: string): void {
  if (operator(s, at + 1) !== EQUALS) return;
  s.variables.set(name.toLowerCase(), readValue(s, at + 2));
}

function command(s: Script, at: number, written: string): void {
  const lower = written.toLowerCase().replace(/\.exe$/, "");
  push(s, at, ALIASES.get(lower) ?? lower, readParameters(s, at + 1), piped(s, at));
}

/** `& ('i' + 'ex') …` */
function invoked(s: Script, at: number): void {
  const name = wholeText(readValue(s, at));
  if (name !== undefined && name.length < 200) command(s, s.mates[at]!, name);
}

/** `& $name …` */
function invokedVariable(s: Script, at: number, variable: string): void {
  const name = wholeText(s.variables.get(variable.toLowerCase()));
  if (name !== undefined && name.length < 200) command(s, at, name);
}

function push(s: Script, at: number, name: string, args: readonly Argument[], receiver: Value): Call {
  const offset = s.tokens.start(Math.min(at, s.length - 1));
  const call: Call = {
    name,
    written: s.tokens.text(at).slice(0, 200),
    receiver,
    offset,
    token: at,
    args,
    within: "",
    isTopLevel: true,
  };
  s.calls.push(call);
  return call;
}

/** The result of the command before a pipe. */
function piped(s: Script, at: number): Value {
  if (operator(s, at - 1) !== PIPE) return UNKNOWN;
  const before = s.calls.at(-1);
  return before === undefined ? UNKNOWN : { kind: "name", name: `${before.name}()`, call: before };
}

function readParameters(s: Script, from: number): Argument[] {
  const found: Argument[] = [];
  let name: string | undefined;
  for (let at = from; at < s.length && found.length < MOST_ARGUMENTS; ) {
    if (s.tokens.kind(at) === "newline" || ENDS.has(operator(s, at))) break;
    const word = s.tokens.kind(at) === "name" ? s.tokens.value(at) : "";
    if (/^-[A-Za-z?]/.test(word)) {
      if (name !== undefined) found.push({ name, value: UNKNOWN, token: at });
      name = word.slice(1).toLowerCase();
      at++;
      continue;
    }
    if (operator(s, at) === COMMA) {
      at++;
      continue;
    }
    found.push({ name, value: readOperand(s, at), token: at });
    name = undefined;
    at = Math.max(s.end, at + 1);
  }
  if (name !== undefined) found.push({ name, value: UNKNOWN, token: from });
  return found;
}

/** Records a call `receiver.Method(…)` or `[Type]::Method(…)` at its parenthesis. */
function method(s: Script, open: number): void {
  const at = open - 1;
  if (at < 1 || s.tokens.kind(at) !== "name" || s.tokens.end(at) !== s.tokens.start(open)) return;
  const link = operator(s, at - 1);
  if (link !== DOT && link !== STATIC) return;
  push(s, at, `${typeBefore(s, at - 2)}.${s.tokens.value(at).toLowerCase()}`, readList(s, open), UNKNOWN);
}

/** The type that a member access is about: of `[Type]`, of `(New-Object Type)`; empty when it is not told. */
function typeBefore(s: Script, at: number): string {
  const open = s.mates[at] ?? 0;
  if (operator(s, at) === CLOSE_BRACKET)
    return shortType(s.tokens.kind(open + 1) === "name" ? s.tokens.value(open + 1) : "");
  if (operator(s, at) === CLOSE_PAREN && s.tokens.kind(open + 1) === "name") {
    if (s.tokens.value(open + 1).toLowerCase() === "new-object") return shortType(s.tokens.value(open + 2));
    // [Type]::new().Method(): the type stands before the parentheses
    const maker = open - 1;
    if (maker > 1 && operator(s, maker - 1) === STATIC) return typeBefore(s, maker - 2);
  }
  if (operator(s, at) === CLOSE_PAREN && open > 2 && operator(s, open - 2) === STATIC) return typeBefore(s, open - 3);
  return "";
}

function shortType(name: string): string {
  return name.toLowerCase().replace(/^system\./, "");
}

/** The arguments between parentheses. */
function readList(s: Script, open: number): Argument[] {
  const close = s.mates[open]!;
  const found: Argument[] = [];
  for (let at = open + 1; at < close && found.length < MOST_ARGUMENTS; ) {
    found.push({ name: undefined, value: readValue(s, at, false), token: at });
    at = Math.max(s.end, at + 1);
    while (at < close && operator(s, at) !== COMMA) at = skipOperand(s, at);
    at++;
  }
  return found;
}

/** An expression: operands with `+`, `-f`, `-join`, `-replace`, and commas as a list. */
function readValue(s: Script, at: number, withList = true): Value {
  if (s.depth >= MOST_DEPTH) {
    s.end = skipOperand(s, at);
    return UNKNOWN;
  }
  s.depth++;
  let value = readOperand(s, at);
  for (;;) {
    const code = operator(s, s.end);
    const word = s.end < s.length && s.tokens.kind(s.end) === "name" ? s.tokens.value(s.end).toLowerCase() : "";
    if (code === PLUS) value = add(value, readOperand(s, s.end + 1), false);
    else if (word === "-f") value = format(value, readValue(s, s.end + 1));
    else if (word === "-join") value = joined(value, readOperand(s, s.end + 1));
    else if (/^-[ci]?replace$/.test(word)) value = replaced(value, readValue(s, s.end + 1));
    else if (code === COMMA && withList)
      value = listOf([...(value.kind === "list" ? value.items : [value]), ...itemsOf(readValue(s, s.end + 1, true))]);
    else break;
  }
  s.depth--;
  return value;
}

function itemsOf(value: Value): readonly Value[] {
  return value.kind === "list" ? value.items : [value];
}

function readOperand(s: Script, at: number): Value {
  let value = readPrimary(s, at);
  for (let left = 64; left > 0 && s.end < s.length; left--) {
    const link = operator(s, s.end);
    const name = link === DOT || link === STATIC ? s.end + 1 : -1;
    if (name < 0 || s.tokens.kind(name) !== "name") break;
    const word = s.tokens.value(name).toLowerCase();
    s.end = name + 1;
    const open = s.end;
    if (operator(s, open) !== OPEN_PAREN) {
      value = value.kind === "name" ? { ...value, name: `${value.name}.${word}` } : mixed(value);
      continue;
    }
    const args = readList(s, open);
    s.end = Math.min(s.mates[open]! + 1, s.length);
    value = callMethod(s, value, word, args);
  }
  return value;
}

function readPrimary(s: Script, at: number): Value {
  s.end = at + 1;
  if (at >= s.length) return UNKNOWN;
  const code = operator(s, at);
  if (code === OPEN_PAREN || LISTS.has(code)) {
    const value = readValue(s, at + 1);
    s.end = Math.min(s.mates[at]! + 1, s.length);
    return value;
  }
  if (code === OPEN_BRACKET) return readCast(s, at);
  switch (s.tokens.kind(at)) {
    case "string":
      return expanded(s, at);
    case "number":
      return numberOf(Number(s.tokens.text(at)));
    case "name":
      return readWord(s, s.tokens.value(at), at);
    default:
      s.end = skipOperand(s, at);
      return UNKNOWN;
  }
}

function readWord(s: Script, word: string, at: number): Value {
  if (word.startsWith("$")) return s.variables.get(word.toLowerCase()) ?? { kind: "name", name: word.toLowerCase() };
  if (word.toLowerCase() === "-join") return joined(readOperand(s, at + 1), textOf(""));
  return textOf(word);
}

/** A string, with the variables in it where it was written with double quotes. */
function expanded(s: Script, at: number): Value {
  const text = s.tokens.value(at);
  const isExpandable = /^@?["\u201c-\u201e]/.test(s.tokens.text(at).slice(0, 2));
  if (!isExpandable || !text.includes("$")) return textOf(text);
  let value: Value = textOf("");
  let last = 0;
  for (const use of text.matchAll(/\$\{?(\w[\w:]{0,64})\}?/g)) {
    const known = s.variables.get(`$${use[1]!.toLowerCase()}`);
    if (known === undefined) continue;
    value = add(add(value, textOf(text.slice(last, use.index)), false), textual(known, false), false);
    last = use.index + use[0].length;
  }
  return add(value, textOf(text.slice(last)), false);
}

/** `[char]65`, `[char[]](…)`, or a type by name. */
function readCast(s: Script, at: number): Value {
  const type = shortType(s.tokens.kind(at + 1) === "name" ? s.tokens.value(at + 1) : "");
  s.end = Math.min(s.mates[at]! + 1, s.length);
  if (operator(s, s.end) === STATIC) return { kind: "name", name: type };
  if (s.end >= s.length || s.tokens.kind(s.end) === "newline") return UNKNOWN;
  const value = readOperand(s, s.end);
  if (type !== "char" && type !== "byte") return type === "string" ? joined(value, textOf(" ")) : value;
  const items = itemsOf(value);
  if (type === "byte") return value;
  const characters = items.map((item) => characterOf(item));
  return characters.length === 1 ? characters[0]! : listOf(characters);
}

function characterOf(value: Value): Value {
  const number = wholeNumber(value);
  return number !== undefined && number >= 0 && number <= 0x10ffff ? textOf(String.fromCodePoint(number)) : value;
}

function callMethod(s: Script, of: Value, name: string, args: readonly Argument[]): Value {
  const first = args[0]?.value;
  const text = wholeText(first);
  const known = of.kind === "name" ? `${of.name}.${name}` : name;
  const base = wholeText(of);
  if (/(?:^|\.)frombase64string$/.test(known) && text !== undefined && (s.characters -= text.length) > 0) {
    const bytes = base64(text);
    if (bytes !== undefined) return bytesOf(bytes);
  }
  if (name === "getstring" && first?.kind === "bytes")
    return textOf(
      decodeAs(first.text, /unicode/.test(known) ? "utf16" : /latin1|ascii/.test(known) ? "latin1" : "utf8"),
    );
  if (base !== undefined && name === "replace") {
    const to = wholeText(args[1]?.value);
    if (text !== undefined && text !== "" && to !== undefined && base.length * (to.length + 1) < 1 << 24)
      return textOf(base.replaceAll(text, () => to));
  }
  if (base !== undefined && (name === "tostring" || name === "trim" || name === "normalize")) return of;
  return {
    kind: "name",
    name: `${of.kind === "name" ? of.name : ""}.${name}()`,
    of: mixed(of, ...args.map((argument) => argument.value)),
  };
}

function format(value: Value, given: Value): Value {
  const text = wholeText(value);
  const values = itemsOf(given).map(
    (item) => wholeText(item) ?? (item.kind === "number" ? String(item.number) : undefined),
  );
  if (text === undefined || values.some((one) => one === undefined)) return mixed(value, given);
  return textOf(
    text.replace(/\{(\d{1,3})(?:[,:][^{}]{0,32})?\}/g, (hole, index: string) => values[Number(index)] ?? hole),
  );
}

function joined(value: Value, separator: Value): Value {
  const by = wholeText(separator) ?? "";
  const items = itemsOf(value).map(
    (item) => wholeText(item) ?? (item.kind === "number" ? String(item.number) : undefined),
  );
  return items.every((item) => item !== undefined) ? textOf(items.join(by)) : mixed(value);
}

/** `-replace 'literal', 'text'`; patterns are not followed. */
function replaced(value: Value, given: Value): Value {
  const text = wholeText(value);
  const [from, to] = itemsOf(given).map(wholeText);
  if (text === undefined || from === undefined || from === "" || !/^[\w #%&,:;<=>@~"'`!-]+$/.test(from))
    return mixed(value);
  return text.length * ((to ?? "").length + 1) < 1 << 24 ? textOf(text.replaceAll(from, () => to ?? "")) : mixed(value);
}

import { isUse } from "./names.ts";
import type { Obfuscation, Source } from "./obfuscation.ts";
import type { Random } from "./random.ts";
import { edited, type Token } from "./source.ts";
import { isHead, type Statement, statementsOf } from "./statements.ts";

/** Statements move into functions, classes, conditions, loops and lambdas that run at once. */
export const wrap: Obfuscation = {
  name: "wrap",
  what: "statements in functions that are called at once, classes, `try`, `if`, loops and lambdas",
  python(source, random) {
    const statements = statementsOf(source);
    const edits = [];
    for (let at = 0; at < statements.length; ) {
      const count = 1 + random.below(3);
      const group: Statement[] = [];
      while (group.length < count && at < statements.length && isMovable(source, statements[at]!, at))
        group.push(statements[at++]!);
      if (group.length === 0) {
        at++;
        continue;
      }
      const [start, end] = [group[0]!.start, group.at(-1)!.end];
      edits.push({ start, end, text: wrapped(source, group, random) });
    }
    return edited(source.text, edits);
  },
};

type Form = (body: string, bound: string, name: string) => string;

const FUNCTION: Form = (body, bound, name) => `def ${name}():\n${bound}${body}${name}()\n`;
const CLASS: Form = (body, bound, name) => `class ${name}:\n${bound}${body}`;
const PLAIN: readonly Form[] = [
  (body) => `try:\n${body}finally:\n    pass\n`,
  (body) => `if 7 * 6 == 42:\n${body}`,
  (body, _, name) => `for ${name} in range(1):\n${body}`,
];
const LAMBDA: Form = (body) => `(lambda: ${body.trim()})()\n`;

function wrapped(source: Source, group: readonly Statement[], random: Random): string {
  const tokens = source.tokens.slice(group[0]!.first, group.at(-1)!.last);
  const isAnnotated = tokens.some((token, at) => token.text === ":" && annotates(tokens, at));
  const isPrivate = tokens.some(({ text }) => /^__\w*[^_]$|^__\w*[^_]_$/.test(text));
  const names = boundBy(tokens);
  const forms =
    isAnnotated || names === undefined ? PLAIN : [FUNCTION, FUNCTION, ...(isPrivate ? [] : [CLASS]), ...PLAIN];
  const only =
    group.length === 1 && isCall(tokens) ? source.text.slice(tokens[0]!.start, tokens.at(-2)!.end) : undefined;
  if (only !== undefined && random.below(3) === 0) return LAMBDA(only, "", "");
  const bound = names === undefined || names.length === 0 ? "" : `    global ${names.join(", ")}\n`;
  return random.pick(forms)(indented(source, group[0]!.start, group.at(-1)!.end), bound, random.name());
}

function isMovable({ tokens }: Source, { first, last, word }: Statement, at: number): boolean {
  if (isHead(tokens, first, at)) return false;
  return (
    !(word === "from" && tokens.slice(first, last).some(({ text }) => text === "*")) &&
    tokens[last - 1]?.kind !== "string"
  );
}

/** The colon stands behind a name that begins a line, and is no part of the language's own words. */
function annotates(tokens: readonly Token[], at: number): boolean {
  const name = tokens[at - 1];
  if (name?.kind !== "name" || /^(?:else|try|finally)$/.test(name.text)) return false;
  return /^(?:newline|indent|dedent)$/.test(tokens[at - 2]?.kind ?? "newline");
}

/** One call without assignment: an expression that a lambda can hold. */
function isCall(tokens: readonly Token[]): boolean {
  if (tokens[0]?.kind !== "name" || tokens.at(-2)?.text !== ")" || tokens.at(-1)?.kind !== "newline") return false;
  return tokens.slice(0, -1).every(({ kind, text, depth }, at) => {
    if (kind === "newline" || kind === "indent") return false;
    return depth > 0 || at === tokens.length - 2 || kind === "name"
      ? !/^(?:await|yield|print|exec|del|raise|assert|import|return|not|if|lambda)$/.test(text) || depth > 0
      : /^[.([)\]]$/.test(text);
  });
}

/** What the statements bind in the module, or undefined when that cannot be told. */
function boundBy(tokens: readonly Token[]): string[] | undefined {
  const names = new Set<string>();
  let inside = 0;
  let line: Token[] = [];
  const open: boolean[] = [];
  let opens = false;
  for (const token of tokens) {
    if (token.kind === "indent") {
      open.push(opens);
      if (opens) inside++;
    } else if (token.kind === "dedent") {
      if (open.pop()) inside--;
    } else if (token.kind === "newline" || token.text === ";") {
      opens = /^(?:def|class)$/.test(line[0]?.text === "async" ? (line[1]?.text ?? "") : (line[0]?.text ?? ""));
      if (inside === 0 && !bindOne(line, names)) return undefined;
      line = [];
    } else line.push(token);
  }
  return [...names];
}

function bindOne(line: readonly Token[], names: Set<string>): boolean {
  const word = line[0]?.text ?? "";
  if (word === "global" || word === "del" || word === "match") return false;
  if (word === "import" || word === "from") {
    const from = word === "from" ? line.findIndex(({ text }) => text === "import") : 0;
    for (const [at, { kind, text }] of line.entries()) {
      const before = line[at - 1]?.text ?? "";
      if (kind === "name" && at > from && /^(?:import|,|as|\()$/.test(before)) {
        if (line[at + 1]?.text === "as") continue;
        names.add(text);
      }
    }
    return true;
  }
  if (word === "def" || word === "class") names.add(line[1]!.text);
  if (word === "async" && line[1]?.text === "def") names.add(line[2]!.text);
  if (word === "for" || (word === "async" && line[1]?.text === "for"))
    for (const { kind, text } of line.slice(
      1,
      line.findIndex(({ text }) => text === "in"),
    ))
      if (kind === "name") names.add(text);
  const last = line.findLastIndex(
    ({ text, depth, kind }) =>
      kind === "operator" && depth === 0 && /^(?:=|[-+*/%@&|^]=|\/\/=|\*\*=|<<=|>>=)$/.test(text),
  );
  for (const [at, { kind, text, depth }] of line.entries()) {
    const before = line[at - 1]?.text;
    const isTarget = at < last && !/^[.[]$/.test(line[at + 1]?.text ?? "") && before !== "." && depth <= 1;
    if (kind === "name" && (isTarget || before === "as" || line[at + 1]?.text === ":=") && isUse(line, at))
      names.add(text);
  }
  return ![...names].some((name) => /^(?:None|True|False|if|else|lambda|in|not|and|or|is)$/.test(name));
}

/** The lines, moved to the right; those that begin inside a literal stay. */
function indented({ text, tokens }: Source, start: number, end: number): string {
  const inside = tokens.filter(
    (token) =>
      (token.kind === "string" || token.kind === "template") &&
      token.start >= start &&
      token.end <= end &&
      /[\r\n]/.test(token.text),
  );
  let at = start;
  const lines = text.slice(start, end).split(/(?<=\n)/);
  const moved = lines.map((line) => {
    const from = at;
    at += line.length;
    const kept = inside.some((token) => token.start < from && token.end > from) || line.trim() === "";
    return kept ? line : `    ${line}`;
  });
  const body = moved.join("");
  return body.endsWith("\n") ? body : `${body}\n`;
}

import type { Obfuscation, Source } from "./obfuscation.ts";
import { type Edit, edited, type Token } from "./source.ts";
import { isHead, type Statement, statementsOf } from "./statements.ts";

/** Functions change places, imports move to where they are used, and `setup(…)` comes before what does not need it. */
export const reorder: Obfuscation = {
  name: "reorder",
  what: "functions in another order, imports inside functions and before first uses, the payload behind `setup(…)`",
  python(source, random) {
    const { text, tokens } = source;
    const statements = statementsOf(source);
    const head = statements.filter(({ first }, at) => isHead(tokens, first, at));
    const body = statements.filter((statement) => !head.includes(statement));
    if (body.length === 0) return text;
    const units = body.map((statement, at) => unitOf(source, statement, at === 0 ? undefined : body[at - 1]!.end));
    const moved = imported(units);
    const functions = random.shuffled(moved.filter(({ isFunction }) => isFunction));
    const rest = moved.filter(({ isFunction }) => !isFunction);
    const parts = setupFirst([...functions, ...rest]);
    const end = body.at(-1)!.end;
    return text.slice(0, body[0]!.start) + parts.map(({ text }) => text).join("") + text.slice(end);
  },
};

interface Unit {
  readonly text: string;
  readonly names: ReadonlySet<string>;
  /** A plain import, and what it binds. */
  readonly imports: readonly string[] | undefined;
  /** The statement alone, with its line end. */
  readonly line: string;
  /** A function whose head needs nothing but the language. */
  readonly isFunction: boolean;
  readonly isSetup: boolean;
  readonly binds: ReadonlySet<string>;
  /** Where an import can be put into the function, in its text; with the blanks of its lines. */
  readonly inside: { readonly at: number; readonly blanks: string } | undefined;
}

function unitOf({ text, tokens }: Source, statement: Statement, before: number | undefined): Unit {
  const own = tokens.slice(statement.first, statement.last);
  const start = before ?? statement.start;
  const written = text.slice(start, statement.end);
  const line = own.slice(
    0,
    own.findIndex(({ kind }) => kind === "newline"),
  );
  const isDefinition = own[0]!.text === "def";
  const uses = line.filter(
    (token, at) => token.kind === "name" && at > 1 && token.depth > 0 && line[at - 1]!.text === "=",
  );
  const isPlain = isDefinition && uses.length === 0 && !line.some(({ text }) => text === "->");
  return {
    text: written.endsWith("\n") ? written : `${written}\n`,
    names: new Set(own.filter(({ kind }) => kind === "name").map((token) => token.text)),
    imports: importsOf(line, own),
    line: `${text.slice(own[0]!.start, statement.end).trimEnd()}\n`,
    isFunction: isPlain,
    isSetup: /^(?:setup|setuptools)$/.test(own[0]!.text) && line.at(-1)?.text === ")",
    binds: new Set(
      line
        .filter(
          (token, at) =>
            token.kind === "name" &&
            (line[at + 1]?.text === "=" || line[at - 1]?.text === "def" || line[at - 1]?.text === "class") &&
            token.depth === 0,
        )
        .map((token) => token.text),
    ),
    inside: isPlain ? insideOf(own, start, text) : undefined,
  };
}

function importsOf(line: readonly Token[], own: readonly Token[]): string[] | undefined {
  const word = line[0]?.text;
  if ((word !== "import" && word !== "from") || own.length !== line.length + 1) return undefined;
  if (line.some(({ text }) => /^[*;(]$/.test(text)) || line[1]?.text === "setuptools" || line[1]?.text === "distutils")
    return undefined;
  const from = word === "from" ? line.findIndex(({ text }) => text === "import") : 0;
  return line.flatMap(({ kind, text }, at) => {
    const isBound =
      kind === "name" && at > from && /^(?:import|,|as)$/.test(line[at - 1]!.text) && line[at + 1]?.text !== "as";
    return isBound ? [text] : [];
  });
}

/** Before the first statement of a function's block. */
function insideOf(own: readonly Token[], start: number, text: string): Unit["inside"] {
  const indent = own.findIndex(({ kind }) => kind === "indent");
  if (indent < 0) return undefined;
  const first = own[indent + 1]!;
  const from = text.lastIndexOf("\n", first.start - 1) + 1;
  return { at: from - start, blanks: text.slice(from, first.start) };
}

/** The units with each import where it is needed: in every function, and before the first other unit that has its name. */
function imported(units: readonly Unit[]): Unit[] {
  const edits = new Map<Unit, Edit[]>();
  const gone = new Set<Unit>();
  for (const [at, unit] of units.entries()) {
    if (unit.imports === undefined) continue;
    const { imports } = unit;
    const users = units.filter(
      (other, place) => place > at && other.imports === undefined && imports.some((name) => other.names.has(name)),
    );
    if (users.length === 0) continue;
    gone.add(unit);
    const { line } = unit;
    let isBound = false;
    for (const user of users) {
      if (user.inside === undefined && isBound) continue;
      if (user.inside === undefined) isBound = true;
      const { at, blanks } = user.inside ?? { at: 0, blanks: "" };
      edits.set(user, [
        ...(edits.get(user) ?? []),
        { start: at, end: at, text: `${user.inside === undefined ? "\n" : ""}${blanks}${line}` },
      ]);
    }
  }
  return units
    .filter((unit) => !gone.has(unit))
    .map((unit) => {
      const own = edits.get(unit);
      return own === undefined ? unit : { ...unit, text: edited(unit.text, own) };
    });
}

/** Calls of `setup` move up to behind what they need. */
function setupFirst(units: readonly Unit[]): Unit[] {
  const setup = units.find(({ isSetup }) => isSetup);
  if (setup === undefined) return [...units];
  const rest = units.filter((unit) => unit !== setup);
  const needed = rest.findLastIndex(
    (unit) =>
      unit.isFunction ||
      unit.imports !== undefined ||
      [...unit.binds].some((name) => setup.names.has(name)) ||
      (unit.binds.size === 0 &&
        /\b(?:with|for|if|try)\b/.test(unit.text.trimStart().slice(0, 5)) &&
        [...unit.names].some((name) => setup.names.has(name) && !/^(?:os|sys|open)$/.test(name))),
  );
  return [...rest.slice(0, needed + 1), setup, ...rest.slice(needed + 1)];
}

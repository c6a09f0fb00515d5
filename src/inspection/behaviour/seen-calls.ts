import type { SourceFile, Tokens } from "../model.ts";
import { calleeBefore, readJavascriptAliases } from "./javascript-calls.ts";

/** One call as detectors see it: the callee resolved through imports and aliases, the constant text of its arguments. */
export interface SeenCall {
  readonly name: string;
  /** The callee as written. */
  readonly written: string;
  readonly offset: number;
  /** Index of the callee's first token. */
  readonly token: number;
  readonly text: string;
  readonly words: string;
  /** The arguments name a body: `data=`, `json=`, `files=`, `body:`. */
  readonly sendsBody: boolean;
}

export function seenCalls(file: SourceFile): readonly SeenCall[] {
  if (file.kind === "javascript" || file.kind === "typescript") return javascriptCalls(file);
  const t = file.tokens;
  const aliases = new Map<string, string>();
  readAliases(t, aliases);
  const calls: SeenCall[] = [];
  for (let i = 1; i < t.length && calls.length < 20000; i++) {
    if (t.kind(i) !== "operator" || t.text(i) !== "(" || (t.kind(i - 1) !== "name" && t.text(i - 1) !== ")")) continue;
    const chain = chainBefore(t, i - 1);
    if (chain === undefined) continue;
    if (t.text(chain.first - 1) === "def" || t.text(chain.first - 1) === "class") continue;
    const root = chain.parts[0] ?? "";
    const resolved = [aliases.get(root) ?? root, ...chain.parts.slice(1)]
      .join(".")
      .replace(/^__builtins__\.|^builtins\./, "");
    const { text, body, last } = args(t, i);
    const words = file.text.slice(t.end(i), Math.min(t.start(last), t.end(i) + 600));
    calls.push({
      name: aliases.has(resolved) ? aliases.get(resolved)! : resolved,
      written: chain.parts.join("."),
      offset: t.start(chain.first),
      token: chain.first,
      text,
      words,
      sendsBody: body,
    });
  }
  return calls.sort((a, b) => a.token - b.token);
}
/** Calls that send only when they are given something to send. */
const SENDS_ARGUMENT = /\(\)\.(?:end|write|send)$/;

function javascriptCalls(file: SourceFile): readonly SeenCall[] {
  const t = file.tokens;
  const aliases = readJavascriptAliases(t);
  const calls: SeenCall[] = [];
  for (let i = 1; i < t.length && calls.length < 20000; i++) {
    if (t.kind(i) !== "operator" || t.text(i) !== "(" || t.text(i - 2) === "function") continue;
    const callee = calleeBefore(t, i, aliases);
    if (callee === undefined || callee.name === "") continue;
    if (SENDS_ARGUMENT.test(callee.name) && t.text(i + 1) === ")") continue;
    const { text, body, last } = args(t, i, 2);
    const words = file.text.slice(t.end(i), Math.min(t.start(last), t.end(i) + 600));
    calls.push({
      name: callee.name,
      written: callee.name,
      offset: t.start(callee.first),
      token: callee.first,
      text,
      words,
      sendsBody: body,
    });
  }
  return calls.sort((a, b) => a.token - b.token);
}

function chainBefore(t: Tokens, at: number): { first: number; parts: string[] } | undefined {
  const parts: string[] = [];
  let i = at;
  for (;;) {
    if (t.text(i) === ")") {
      // __import__('x') / require('x') / other call
      let depth = 0;
      let j = i;
      for (; j >= 0; j--) {
        const x = t.text(j);
        if (x === ")") depth++;
        if (x === "(") {
          depth--;
          if (depth === 0) break;
        }
        if (i - j > 60) break;
      }
      const fn = t.text(j - 1);
      if ((fn === "__import__" || fn === "require" || fn === "import_module") && t.kind(j + 1) === "string") {
        parts.unshift(t.value(j + 1));
        return { first: j - 1, parts };
      }
      parts.unshift("");
      return { first: Math.max(0, j - 1), parts };
    }
    if (t.kind(i) !== "name") {
      if (parts.length === 0) return undefined;
      parts.unshift("");
      return { first: i + 1, parts };
    }
    parts.unshift(t.text(i));
    if (t.text(i - 1) === ".") {
      i -= 2;
      if (i < 0) return undefined;
      continue;
    }
    return { first: i, parts };
  }
}
function readAliases(t: Tokens, aliases: Map<string, string>) {
  for (let i = 0; i < t.length; i++) {
    const x = t.text(i);
    if (t.kind(i) !== "name") continue;
    if (x === "import" && t.text(i - 1) !== ".") {
      let from = "";
      for (let k = i - 1; k >= 0 && i - k < 16; k--) {
        if (t.text(k) === "from") {
          from = rangeText(t, k + 1, i) + ".";
          break;
        }
        if (t.kind(k) === "newline") break;
      }
      let k = i + 1;
      for (let n = 0; n < 200 && k < t.length; n++) {
        if (t.text(k) === "(" || t.text(k) === ",") {
          k++;
          continue;
        }
        if (t.kind(k) !== "name") break;
        let name = t.text(k);
        k++;
        while (t.text(k) === "." && t.kind(k + 1) === "name") {
          name += "." + t.text(k + 1);
          k += 2;
        }
        if (t.text(k) === "as") {
          aliases.set(t.text(k + 1), from + name);
          k += 2;
        } else if (from) aliases.set(name, from + name);
      }
    }
    if (t.text(i + 1) === "=" && t.kind(i + 2) === "name" && t.text(i + 2) !== "await") {
      let k = i + 2;
      let name = t.text(k);
      if (name === "__import__" && t.text(k + 1) === "(" && t.kind(k + 2) === "string") {
        name = t.value(k + 2);
        k += 3;
      }
      while (t.text(k + 1) === "." && t.kind(k + 2) === "name") {
        name += "." + t.text(k + 2);
        k += 2;
      }
      if (t.text(k + 1) === "(") {
        const r = resolveRoot(name, aliases);
        if (/socket\.socket$|Session$|session$/.test(r)) aliases.set(x, r.replace(/\.socket$/, ".socket"));
        continue;
      }
      const end = t.kind(k + 1);
      if (end === "newline" || t.text(k + 1) === ";") aliases.set(x, resolveRoot(name, aliases));
    }
    if (x === "require" && t.text(i + 1) === "(" && t.kind(i + 2) === "string") {
      const mod = t.value(i + 2);
      if (t.text(i - 1) === "=") {
        if (t.kind(i - 2) === "name") aliases.set(t.text(i - 2), mod);
        else if (t.text(i - 2) === "}")
          for (let k = i - 3; k > 0 && t.text(k) !== "{"; k--)
            if (t.kind(k) === "name") aliases.set(t.text(k), mod + "." + t.text(k));
      }
    }
  }
}
function resolveRoot(name: string, aliases: Map<string, string>) {
  const [r, ...rest] = name.split(".");
  return [aliases.get(r!) ?? r, ...rest].join(".");
}
function rangeText(t: Tokens, a: number, b: number) {
  let s = "";
  for (let i = a; i < b; i++) s += t.text(i);
  return s;
}
function args(t: Tokens, open: number, deepest = 1) {
  let depth = 0;
  let text = "";
  let body = false;
  let last = open;
  for (let i = open; i < t.length && i < open + 400; i++) {
    const k = t.kind(i);
    last = i;
    if (k === "operator") {
      const x = t.text(i);
      if (x === "(" || x === "[" || x === "{") depth++;
      if (x === ")" || x === "]" || x === "}") {
        depth--;
        if (depth === 0) break;
      }
      if (x === ",") text += " ";
    } else if (k === "string" || k === "template") {
      if (text.length < 4000) text += t.value(i).slice(0, 2000);
    } else if (
      k === "name" &&
      depth >= 1 &&
      depth <= deepest &&
      /^(?:data|json|files|body|params)$/.test(t.text(i)) &&
      /^[=:]$/.test(t.text(i + 1))
    )
      body = true;
    else if (k === "name" && t.text(i) === "executable" && t.text(i - 2) === "sys") text += "python";
  }
  return { text, body, last };
}

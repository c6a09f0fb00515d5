import type { SourceFile } from "../model.ts";
import { MAY_SWEEP } from "./environments.ts";

/**
 * Whether the text of a file that holds marks of an act can do it: bundles of compilers and tools list the modules of Node.js, evaluate
 * constants of theirs and have `Function(` in comments, and reading them for that takes longer than everything else. One look at the
 * text each, kept.
 */
export function canRunCode(file: SourceFile): boolean {
  return once(runs, file, () =>
    isScript(file) && file.text.length > BUNDLE ? RUNS_IN_BUNDLE.test(file.text) : RUNS_CODE.test(file.text),
  );
}

/** The same for starting programs; always true for other languages than JavaScript. */
export function canStart(file: SourceFile): boolean {
  return (
    !isScript(file) ||
    once(
      starts,
      file,
      ({ text }) => STARTS.test(text) || !MENTIONS.test(text) || (LISTED.test(text) && USED.test(text)),
    )
  );
}

/** Whether a script can take the environment as a whole, or sweep it; always true for other languages than JavaScript. */
export function canTakeEnvironment(file: SourceFile): boolean {
  return (
    !isScript(file) || once(takes, file, ({ text }) => TAKES.test(text) || MAY_SWEEP.test(text) || !OWN_ENV.test(text))
  );
}

const runs = new WeakMap<SourceFile, boolean>();
const takes = new WeakMap<SourceFile, boolean>();
const starts = new WeakMap<SourceFile, boolean>();

function once(known: WeakMap<SourceFile, boolean>, file: SourceFile, look: (file: SourceFile) => boolean): boolean {
  let found = known.get(file);
  if (found === undefined) {
    found = look(file);
    known.set(file, found);
  }
  return found;
}

function isScript({ kind }: SourceFile): boolean {
  return kind === "javascript" || kind === "typescript";
}

/** `exec` and `eval` by themselves or handed on, not the methods of regular expressions, models and databases that have their names. */
const RUNS_CODE =
  /(?<![\w.$])(?:exec|eval|execfile|Function)[ \t]{0,3}\(|(?<=[=(,:][ \t]{0,4})(?:exec|eval)\b(?![ \t]{0,3}[:=])|(?<=[[{?|>][ \t]?|\breturn[ \t])eval\b(?![ \t]{0,3}[:=])|["']eval["']|\(Function\)|\)\.constructor\(|["']constructor["']\]|data:(?:text|application)\/javascript|import\(URL\.|(?<=[@[{]|\b(?:yield|return|else|or)[ \t])exec\b(?![ \t]{0,3}[:=])|__builtins__|builtins\.|import builtins|runpy|FunctionType|type\(lambda|(?:cProfile|pdb)\.run\(|timeit\.timeit\(|\.run(?:source|code)\(|_compile\(|\bvm\.|["']vm["']|load_source|SourceFileLoader/m;

/** Characters from which a script counts as a bundle. */
const BUNDLE = 64_000;
/** The same, but for a constant that reaches nothing (`Function("return this")`), `vm` among other names, and what only looks like a call. */
const RUNS_IN_BUNDLE =
  /(?<![\w.$/|])(?:eval|Function)[ \t]{0,3}\((?!\)|\s{0,4}(?:["'][\w, ]{0,40}["'],\s{0,4}){0,3}["'](?:return )?(?:this|[\w$]{1,40} = [\w$]{1,4})["']\s{0,4}\))|(?<=[=(,:][ \t]{0,4})(?:exec|eval)\b(?![ \t]{0,3}[:=])|_compile\(|\bvm\.|(?<![,[]\s{0,12})["'`](?:node:)?vm["'`]|["'`](?:node:)?vm["'`](?!\s{0,12}[,\]])|runIn(?:This|New)?Context/;

/** Any mark of a start: without one, a text that the script puts together has it. */
const MENTIONS = /child_|execa|shelljs|cross-spawn|bun\.spawn|deno\.(?:command|run)/i;
/** `child_process` other than in a list of names, and what has no other use. */
const STARTS =
  /child_process(?!["'`]\s{0,12},\s{0,12}["'`])|(?<!["'`],\s{0,12}["'`](?:node:)?)child_process|["'`]child_(?!process)\w{0,8}["'`]\s{0,8}[+.,\]]|["'`](?:execa|shelljs|cross-spawn)|bun\.spawn|deno\.(?:command|run)/i;
const LISTED = /child_process/;
/** Names of its functions, as nothing else in a script is called. */
const USED = /\b(?:spawn|spawnSync|execSync|execFile|execFileSync|fork)\b|\bexec\(\s{0,4}["'`]|["'`]exec["'`]/;

/** `.env` that is not asked for one variable or for being there, other ways to the same, and commands that print it. */
const TAKES =
  /\.\s{0,8}env\b(?!\s{0,8}(?:\.|\?\.|\[|&&|=(?!=)|:))|["'`]env["'`]\s{0,4}[\])]|\benv\s{0,4}\}\s{0,4}=|(?:\b(?:require|import)\s{0,4}\(|\bfrom|\bimport|\[)\s{0,4}["'`](?:node:)?process["'`]|printenv|\bbun\.env|\bdeno\.env|\$\(env|`env/i;
/** Any mark of the environment: without one, a text that the script puts together has it. */
const OWN_ENV = /process|printenv|(?:bun|deno)\.env|["'`]env|\$\(env/i;

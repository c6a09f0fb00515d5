import { EVALUATION_BUDGET, type EvaluationBudget } from "./evaluate-script.ts";

/** Scripts that obfuscators wrote are evaluated up to this size, others up to that one, and only where little but data is in them. */
const LONGEST_SCRAMBLED = 1_500_000;
const LONGEST_ODD = 400_000;
const MOST_ODD_TOKENS = 5_000;
/** Odd ways to run text or to reach a module are seldom more than a decoder: it takes few steps. */
const FEW_STEPS = 250_000;

/**
 * What may be spent on evaluating a script; undefined when nothing in it says that it hides something. `has` tells of each of
 * `SCRAMBLED_LITERALS` whether the text may hold it, in any letter case. Linear in the text.
 */
export function evaluationOf(
  text: string,
  has: (literal: string) => boolean = (literal) => text.includes(literal),
): EvaluationBudget | undefined {
  if (text.length <= LONGEST_SCRAMBLED && isScrambled(text, has)) return EVALUATION_BUDGET;
  return text.length <= LONGEST_ODD && ODD.some((mark) => occurs(text, mark, has))
    ? { ...EVALUATION_BUDGET, steps: FEW_STEPS, tokens: MOST_ODD_TOKENS }
    : undefined;
}

type Has = (literal: string) => boolean;

/** The text of a program of one of the known obfuscators. */
function isScrambled(text: string, has: Has): boolean {
  return (
    MARKS.some((mark) => occurs(text, mark, has)) || (has(HEX) && hasHexNames(text)) || turns(text, has) !== undefined
  );
}

/** Something rare to look for, and what it has to look like where it stands. */
interface Mark {
  readonly near: readonly string[];
  readonly pattern: RegExp;
}

function occurs(text: string, { near, pattern }: Mark, has: Has): boolean {
  return near.some((literal) => has(literal) && text.includes(literal)) && pattern.test(text);
}

const MARKS: readonly Mark[] = [
  // A function that gives a list of texts and puts another in its place, which gives the same list.
  {
    near: ["=function(){return ", "= function() { return "],
    pattern: /["']\][;,]\s?(?:return[\s(]{0,2})?[\w$]{1,20}\s?=\s?function\(\)\s?\{\s?return [\w$]{1,20};?\s?\}/,
  },
  {
    near: ["eval(function"],
    pattern: /\beval\(function\s{0,4}\(\s{0,4}p\s{0,4},\s{0,4}a\s{0,4},\s{0,4}c\s{0,4},/,
  },
  { near: ["[+[]"], pattern: /[[\]()!+]{300}/ },
  { near: ["=~[];"], pattern: /=~\[\];[\w$]{1,20}=\{___:\+\+/ },
  { near: ["(o^_^o)"], pattern: /\(o\^_\^o\)/ },
];
/** A list is turned by one … */
const TURN: Mark = {
  near: [".shift())", "['shift']", '["shift"]', "\\x73\\x68\\x69\\x66\\x74"],
  pattern:
    /\.push\([\w$]{1,20}\.shift\(\)\)|\[(?:'push'|"push"|'\\x70\\x75\\x73\\x68')\]\([\w$]{1,20}\[(?:'shift'|"shift"|'\\x73\\x68\\x69\\x66\\x74')\]\(\)\)/,
};
/** … until a sum of several of these, which stands so close before, comes out right. */
const SUM_WITHIN = 4_000;
const LEAST_TERMS = 3;

/** Where the script turns a list of texts until a sum of some of them is right, as those of javascript-obfuscator do. */
export function turnsList(text: string): number | undefined {
  return turns(text, (literal) => text.includes(literal));
}

function turns(text: string, has: Has): number | undefined {
  if (!occurs(text, TURN, has)) return undefined;
  const turn = text.search(TURN.pattern);
  const before = text.slice(Math.max(0, turn - SUM_WITHIN), turn);
  return before.split("parseInt(").length > LEAST_TERMS ? turn : undefined;
}

const HEX = "_0x";
const HEX_NAME = /\b_0x[0-9a-f]{2,8}\b/g;
const LEAST_HEX_NAMES = 12;

function hasHexNames(text: string): boolean {
  let count = 0;
  for (const _ of text.matchAll(HEX_NAME)) if (++count >= LEAST_HEX_NAMES) return true;
  return false;
}

/** Text that is run although it is no constant, modules named by what is no constant, members of everything global by what is none. */
const ODD: readonly Mark[] = [
  {
    near: ["eval(", "eval)(", "Function("],
    pattern:
      /(?<![\w.$'"`])(?:eval|Function)\)?\(\s{0,4}(?:(?!["'`]|\)|function|this)[\w$([]|["'][\w, ]{0,40}["']\s{0,4},\s{0,4}[\w$]{1,20}\()/,
  },
  // Bundles made for developers run each part as a text.
  { near: ["__webpack_require__"], pattern: /\beval\(["'`]/ },
  { near: ["new Worker("], pattern: /\bnew Worker\(\s{0,4}(?!["'`]|new URL|path|require)[\w$]{1,20}\(/ },
  { near: ["runIn", "_compile("], pattern: /(?:\.runIn\w{7,11}|\._compile)\(\s{0,4}(?!["'`])[\w$]{1,20}\(/ },
  {
    near: ["setTimeout(atob", "setTimeout(unescape", "setTimeout(decodeURI", "setTimeout(Buffer", "setTimeout(String"],
    pattern: /setTimeout\(/,
  },
  {
    near: ["['constr", '["constr', ".constructor("],
    pattern: /\[\s{0,4}["'`]constr|\.constructor\(\s{0,4}["'`]/,
  },
  {
    near: ["constructor.constructor", "getBuiltin", "_load(", "process.binding"],
    pattern: /constructor\.constructor|getBuiltin|_load\(|process\.binding\(["'](?:spawn|process_wrap)/,
  },
  {
    near: ["globalThis[", "global[", "process[", "require[", "module["],
    pattern: /\b(?:globalThis|global|process|module|require)\[\s{0,4}["'`\w$]{1,24}["'`]?\s{0,4}[+\][(]/,
  },
  { near: ["require(`", "import(`"], pattern: /\b(?:require|import)\(`[^`]{0,40}\$\{/ },
  { near: ["require([", "require(atob", "require(Buffer", "require(String"], pattern: /\brequire\(/ },
  {
    near: ["child_process", "process'", 'process"'],
    pattern: /\b(?:require|import)\(\s{0,4}(?:["'][\w:]{1,14}["']\s{0,4}\+|[\w$]{1,20}\[)/,
  },
];

/** What `evaluationOf` looks for first: what obfuscators leave, functions that run text, and ways to a module that nobody writes who does not hide it. */
export const SCRAMBLED_LITERALS: readonly string[] = [
  ...new Set([HEX, ...[...MARKS, TURN, ...ODD].flatMap(({ near }) => near)].map((literal) => literal.toLowerCase())),
];

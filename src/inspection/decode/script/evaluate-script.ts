/**
 * What a script says once its own decoders have run: the texts that it runs, and the script itself with texts, members and modules
 * written plainly.
 *
 *     const { ran, plain } = evaluateScript(text) ?? {};
 *
 * The script is interpreted part by part, within bounds on steps, characters and depth; nothing of it reaches the engine that runs
 * this. Nothing from outside is known to it: files, the network, time and chance are all the same unknown, and where a decision
 * rests on that both ways are gone. Functions that nothing calls are run as well, with unknown arguments.
 */
import type { Tokens } from "../../model.ts";
import { Unreadable } from "./cursor.ts";
import { callFunction } from "./functions.ts";
import { provideGlobals } from "./globals.ts";
import { Exhausted, type Machine, Thrown } from "./machine.ts";
import type { Script } from "./nodes.ts";
import { parseScript } from "./parse-statements.ts";
import { rewritten } from "./rewrite.ts";
import { hoist, runStatements } from "./statements.ts";
import { type Scope, UNKNOWN } from "./values.ts";

/** A text that the script runs, what it gives that to, and where. */
export interface RanText {
  readonly text: string;
  readonly how: string;
  readonly offset: number;
  /** The text written plainly, when something in it was replaced. */
  readonly plain: string | undefined;
}

/** What came of it. */
export interface Evaluated {
  readonly ran: readonly RanText[];
  /** The script written plainly; absent when nothing in it was replaced. */
  readonly plain: string | undefined;
  /** Parts that were replaced. */
  readonly count: number;
  /** Steps that it took. */
  readonly steps: number;
}

/** Bounds of one evaluation. */
export interface EvaluationBudget {
  readonly steps: number;
  readonly characters: number;
  /** Scripts with more are not evaluated. */
  readonly tokens?: number;
}

export const EVALUATION_BUDGET: EvaluationBudget = { steps: 20_000_000, characters: 64 << 20 };
/** Rounds in which functions that were not run yet are run by themselves. */
const MOST_ROUNDS = 6;
/** Steps that one function may take that nothing called. */
const STEPS_PER_FUNCTION = 200_000;
/** The share of all steps, as a divisor, that no such function may exceed. */
const SHARE_OF_FUNCTION = 10;

/** What the script comes to; undefined when it cannot be parsed. Never throws. */
export function evaluateScript(
  text: string,
  budget: EvaluationBudget = EVALUATION_BUDGET,
  tokens?: Tokens,
): Evaluated | undefined {
  let script: Script;
  try {
    script = parseScript(text, tokens, budget.tokens);
  } catch (error) {
    if (error instanceof Unreadable || error instanceof RangeError) return undefined;
    throw error;
  }
  const m = openMachine(budget);
  const scope: Scope = { names: new Map(), outer: m.globals, isOwn: true };
  attempt(m, () => {
    hoist(m, script.names, scope);
    for (const statement of script.body) attempt(m, () => runStatements(m, [statement], scope));
  });
  runWaiting(m, Math.min(STEPS_PER_FUNCTION, Math.ceil(budget.steps / SHARE_OF_FUNCTION)));
  const written = rewritten(m, script);
  const ran = m.ran.map(({ text: one, how, offset, script: inner }) => {
    return { text: one, how, offset, plain: inner === undefined ? undefined : rewritten(m, inner)?.text };
  });
  return { ran, plain: written?.text, count: written?.count ?? 0, steps: budget.steps - Math.max(0, m.steps) };
}

function openMachine({ steps, characters }: EvaluationBudget): Machine {
  const m: Machine = {
    steps,
    characters,
    depth: 0,
    nested: 0,
    handlers: 0,
    calls: 0,
    doubts: 0,
    result: undefined,
    label: "",
    globals: { names: new Map(), outer: undefined, isOwn: true },
    seen: new Map(),
    relays: new Map(),
    starts: new Map(),
    routes: new Map(),
    run: new Set(),
    waiting: new Map(),
    ran: [],
    scripts: new Map(),
    local: undefined,
    offset: 0,
    modules: new Map(),
    provided: new Map(),
    call: (callee, self, args) => callFunction(m, callee, self, args),
    runStatements: (body, scope) => runStatements(m, body, scope),
    hoist: (names, scope) => hoist(m, names, scope),
  };
  provideGlobals(m);
  return m;
}

/** Runs something to its end, or to what stops it. */
function attempt(m: Machine, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Thrown || error instanceof Exhausted || error instanceof RangeError)) throw error;
  }
  m.depth = 0;
  m.nested = 0;
  m.handlers = 0;
  m.calls = 0;
}

function runWaiting(m: Machine, most: number): void {
  for (let round = 0; round < MOST_ROUNDS && m.waiting.size > 0; round++) {
    const waiting = [...m.waiting];
    m.waiting.clear();
    for (const [code, thing] of waiting) {
      if (m.run.has(code) || m.steps <= 0) continue;
      const left = m.steps;
      m.steps = Math.min(left, most);
      const given = m.steps;
      attempt(m, () =>
        callFunction(
          m,
          thing,
          UNKNOWN,
          code.parameters.map(() => UNKNOWN),
        ),
      );
      m.steps = left - (given - Math.max(0, m.steps));
    }
  }
}

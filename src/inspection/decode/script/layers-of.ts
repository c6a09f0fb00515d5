import type { FileKind, SourceFile } from "../../model.ts";
import { evaluateScript, type RanText } from "./evaluate-script.ts";
import { evaluationOf } from "./scrambled.ts";

/** Steps that are left for the scripts of one artifact; evaluation takes them away. */
export interface StepsLeft {
  steps: number;
  /** Scripts that evaluation itself wrote: there is nothing more to them. */
  readonly written: Set<string>;
}

/** Steps for all scripts of one artifact. */
const MOST_STEPS = 30_000_000;

/** All that one artifact may spend. */
export function openSteps(): StepsLeft {
  return { steps: MOST_STEPS, written: new Set() };
}

/** What evaluating a script gave; see `Found` of the layers. */
export interface EvaluatedText {
  readonly text: string;
  readonly kind: FileKind;
  readonly offset: number;
  readonly how: string;
  readonly isExecuted: boolean;
}

/** The texts that a script runs once its decoders have run, and the script itself written plainly; nothing when it hides nothing. */
export function* evaluatedTexts(
  { text, tokens }: Pick<SourceFile, "text" | "tokens">,
  left: StepsLeft,
): Iterable<EvaluatedText> {
  if (left.steps <= 0 || left.written.has(text)) return;
  const budget = evaluationOf(text);
  if (budget === undefined) return;
  const steps = Math.min(budget.steps, left.steps);
  const evaluated = evaluateScript(text, { ...budget, steps }, tokens);
  if (evaluated === undefined) return;
  left.steps -= evaluated.steps;
  for (const { plain } of [...evaluated.ran, evaluated]) if (plain !== undefined) left.written.add(plain);
  for (const one of evaluated.ran) yield* ranText(one);
  if (evaluated.plain === undefined) return;
  yield {
    text: evaluated.plain,
    kind: "javascript",
    offset: 0,
    how: "its own decoders, carried out",
    isExecuted: false,
  };
}

function* ranText({ text, plain, how, offset }: RanText): Iterable<EvaluatedText> {
  const says = `text given to ${how}`;
  yield { text, kind: "javascript", offset, how: says, isExecuted: true };
  if (plain !== undefined)
    yield { text: plain, kind: "javascript", offset, how: `${says}, its decoders carried out`, isExecuted: true };
}

import type { ReasonCode } from "../catalog/model.ts";
import type { Policy } from "../config.ts";
import { decide, type ExceptionFact, type Facts, scoreWithout } from "./decide.ts";

/**
 * What exceptions have to name, one each, for a withheld file to be let through: detectors, the weightiest first, and reason codes.
 * Empty when it is not withheld; undefined when no exception does it, because it is denied or its bytes are others than declared. Pure.
 */
export function waysThrough(facts: Facts, policy: Policy, now: number): readonly string[] | undefined {
  const named: string[] = [];
  for (;;) {
    const more = named.map((detector) => ({ id: 0, detector, expiresAt: Number.POSITIVE_INFINITY }));
    const tried = withExceptions(facts, more);
    const { state, code } = decide(tried, policy, now);
    if (state === "visible" || state === "pending") return named;
    const next = facts.refused ? undefined : nextName(tried, policy, code);
    if (next === undefined || named.includes(next)) return undefined;
    named.push(next);
  }
}

/** An exception recorded now covers every file that the release has by now. */
function withExceptions(facts: Facts, more: readonly ExceptionFact[]): Facts {
  const { sibling, exceptions } = facts;
  return {
    ...facts,
    exceptions: [...exceptions, ...more],
    ...(sibling && { sibling: { ...sibling, exceptions: [...(sibling.exceptions ?? exceptions), ...more] } }),
  };
}

/** Reason codes that an exception can name. */
export const EXCEPTABLE_CODES: ReadonlySet<string> = new Set<ReasonCode>([
  "known-malware",
  "unknown",
  "blocked-url",
  "vulnerable",
  "cooldown",
]);

function nextName({ verdict, sibling, exceptions }: Facts, policy: Policy, code: ReasonCode): string | undefined {
  if (EXCEPTABLE_CODES.has(code)) return code;
  if (code !== "malicious" && code !== "suspicious") return undefined;
  const own = exceptions.map(({ detector }) => detector);
  const isOwn = verdict !== undefined && scoreWithout(verdict, own) >= policy.hold_at;
  const excepted = isOwn ? own : (sibling?.exceptions ?? exceptions).map(({ detector }) => detector);
  const weighed = (isOwn ? verdict : sibling?.verdict)?.contributions ?? [];
  return weighed.find(({ detector, points }) => points > 0 && !excepted.includes(detector))?.detector;
}

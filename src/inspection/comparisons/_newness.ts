import type { ProjectKnown } from "../comparison.ts";

/** How much a project's age lets its name weigh, 0 to 1: attackers have no time, and a name that stood for years was seen by many. */
export function newness({ age, isEstablished }: ProjectKnown): number {
  return SHARES[age] * (isEstablished ? 0.5 : 1);
}

const SHARES: Readonly<Record<ProjectKnown["age"], number>> = { days: 1, weeks: 0.8, months: 0.4, years: 0 };

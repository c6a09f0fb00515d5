/**
 * Points by detector id that replace what the detector proposes itself. Written by `npm run eval -- --refit DETAILS`
 * (eval/README.md), not by hand.
 */
export const POINTS: Readonly<Record<string, number>> = {};

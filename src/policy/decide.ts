import type { Decision, EcosystemId, ReasonCode, StandingState, Verdict } from "../catalog/model.ts";
import type { Policy } from "../config.ts";
import { durationMs } from "../lib/duration.ts";
import { purlOf, readRule, ruleMatches } from "./rules.ts";

/** Everything that a decision rests on. A decision is a pure function of facts, policy and the time. */
export interface Facts {
  readonly ecosystem: EcosystemId;
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  /** When it came to be, by the later of a trusted publish time and our own first sight; absent = unknown. */
  readonly bornAt?: number;
  /** The verdict on this file, when it was assessed. */
  readonly verdict?: Verdict;
  /** Of the other files of its release that could be inspected, the one with the highest score. */
  readonly sibling?: {
    readonly filename: string;
    readonly verdict: Verdict;
    /** Exceptions in force for that file; absent = those of this one. */
    readonly exceptions?: readonly ExceptionFact[];
  };
  /** Every file of the release was assessed and is clean: the full assessment that a cooldown waits for. */
  readonly releaseClean: boolean;
  readonly advisories: readonly AdvisoryFact[];
  /** An advisory names this version as the fix. */
  readonly isFix: boolean;
  /** Indicators of URL lists found in the file. */
  readonly blockedUrls: readonly { readonly source: string; readonly indicator: string }[];
  /** Exceptions in force for this file on this feed. */
  readonly exceptions: readonly ExceptionFact[];
  /** The bytes themselves are not what was declared or known. */
  readonly refused?: { readonly code: "changed-bytes" | "digest-mismatch" | "unknown"; readonly says: string };
}

/** An advisory in force that concerns the release. */
export interface AdvisoryFact {
  readonly id: string;
  readonly kind: "malicious" | "vulnerable";
  readonly severity: "low" | "moderate" | "high" | "critical";
  readonly source: string;
}

export interface ExceptionFact {
  readonly id: number;
  /** A detector, a reason code, or `*` (every detector; never known malware or changed bytes). */
  readonly detector: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** What policy makes of the facts. In audit mode everything but broken bytes is offered and `wouldBe` says what enforce would do. */
export function decide(facts: Facts, policy: Policy, now: number): Decision {
  if (facts.refused) return withhold(facts, "blocked", facts.refused.code, facts.refused.says);
  if (policy.mode === "off") return offer(facts, "policy-off", "inspection does not decide on this feed");
  const decision = untilExceptionsEnd(facts, enforce(facts, policy, now));
  if (policy.mode === "enforce" || decision.state === "visible" || decision.state === "pending") return decision;
  const audited = offer(facts, "audit", `offered in audit mode; enforce would withhold it: ${decision.sentence}`);
  return { ...audited, wouldBe: { state: decision.state, code: decision.code } };
}

/** Whatever is offered while exceptions are in force is decided again when the first of them ends, also when something else lets it through today. */
function untilExceptionsEnd({ exceptions, sibling }: Facts, decision: Decision): Decision {
  const ends = [...exceptions, ...(sibling?.exceptions ?? [])].map(({ expiresAt }) => expiresAt);
  if (ends.length === 0 || (decision.state !== "visible" && decision.state !== "pending")) return decision;
  return { ...decision, until: Math.min(...ends) };
}

/** The risk that remains when the points of excepted detectors are taken out: score = logistic(sum of points), so points subtract from the log-odds. */
export function scoreWithout(verdict: Verdict, detectors: readonly string[]): number {
  const all = detectors.includes("*");
  const points = verdict.contributions
    .filter(({ detector }) => all || detectors.includes(detector))
    .reduce((sum, contribution) => sum + contribution.points, 0);
  if (points === 0) return verdict.score;
  const bounded = Math.min(Math.max(verdict.score, 1e-14), 1 - 1e-14);
  return 1 / (1 + Math.exp(points - Math.log(bounded / (1 - bounded))));
}

function enforce(facts: Facts, policy: Policy, now: number): Decision {
  const excepted = facts.exceptions.map(({ detector }) => detector);
  const malware = facts.advisories.find(({ kind }) => kind === "malicious");
  if (malware && !excepted.includes("known-malware"))
    return withhold(facts, "blocked", "known-malware", `is known malware (${malware.id}, ${malware.source})`);
  if (matchesAny(policy.deny, facts)) return withhold(facts, "blocked", "denied", "is denied by policy");
  const allowed = matchesAny(policy.allow, facts);
  return (
    byVerdict(facts, policy, excepted, allowed) ??
    bySibling(facts, policy, allowed) ??
    byUrl(facts, excepted, allowed) ??
    byVulnerability(facts, policy, excepted, allowed) ??
    byAge(facts, policy, excepted, now) ??
    byInspection(facts, allowed)
  );
}

function byVerdict(facts: Facts, policy: Policy, excepted: readonly string[], allowed: boolean): Decision | undefined {
  const { verdict } = facts;
  if (!verdict || allowed) return undefined;
  if (verdict.word === "unknown") {
    if (excepted.includes("unknown")) return undefined;
    return withhold(facts, "held", "unknown", `could not be inspected (${verdict.because ?? "no reason given"})`);
  }
  const score = scoreWithout(verdict, excepted);
  const evidence = verdict.contributions
    .filter(({ detector, points }) => points > 0 && !excepted.includes(detector))
    .slice(0, 2)
    .map(({ detector }) => detector)
    .join(", ");
  if (score >= policy.block_at)
    return withhold(facts, "blocked", "malicious", `was inspected and found malicious: ${evidence}`);
  if (score >= policy.hold_at)
    return withhold(facts, "held", "suspicious", `was inspected and is suspicious: ${evidence}`);
  return undefined;
}

/** Whoever put malware into one file of a release wrote the others too; and installers turn to the next file of a version when one is withdrawn. */
function bySibling(facts: Facts, policy: Policy, allowed: boolean): Decision | undefined {
  const { sibling } = facts;
  const excepted = (sibling?.exceptions ?? facts.exceptions).map(({ detector }) => detector);
  if (!sibling || allowed || scoreWithout(sibling.verdict, excepted) < policy.block_at) return undefined;
  const says = `was inspected and found malicious: ${sibling.filename}, another file of this release`;
  return withhold(facts, "blocked", "malicious", says);
}

function byUrl(facts: Facts, excepted: readonly string[], allowed: boolean): Decision | undefined {
  const [url] = facts.blockedUrls;
  if (!url || allowed || excepted.includes("blocked-url")) return undefined;
  return withhold(facts, "held", "blocked-url", `refers to an address on the list ${url.source}`);
}

const SEVERITIES = ["low", "moderate", "high", "critical"] as const;

function byVulnerability(
  facts: Facts,
  policy: Policy,
  excepted: readonly string[],
  allowed: boolean,
): Decision | undefined {
  if (policy.withhold_vulnerable === "never" || allowed || excepted.includes("vulnerable")) return undefined;
  const least = SEVERITIES.indexOf(policy.withhold_vulnerable);
  const worst = facts.advisories.find(
    ({ kind, severity }) => kind === "vulnerable" && SEVERITIES.indexOf(severity) >= least,
  );
  return (
    worst &&
    withhold(facts, "held", "vulnerable", `has a known vulnerability of severity ${worst.severity} (${worst.id})`)
  );
}

function byAge(facts: Facts, policy: Policy, excepted: readonly string[], now: number): Decision | undefined {
  const cooldown = durationMs(policy.cooldown);
  if (cooldown === 0 || facts.releaseClean || excepted.includes("cooldown")) return undefined;
  if (facts.isFix && policy.security_fixes_skip_cooldown) return undefined;
  if (matchesAny(policy.cooldown_exempt, facts)) return undefined;
  // A release whose age nobody knows is as young as can be; one that claims to come from the end of time has a date all the same.
  const until = Math.min((facts.bornAt ?? now) + cooldown, LAST_MOMENT);
  if (until <= now) return undefined;
  const date = new Date(until).toISOString().slice(0, 16).replace("T", " ");
  return {
    ...withhold(facts, "held", "cooldown", `is new and waits for its full inspection, until ${date} UTC at the latest`),
    until,
  };
}

/** The last moment that a date can tell, epoch milliseconds (ECMA-262, time values). */
const LAST_MOMENT = 8.64e15;

function byInspection(facts: Facts, allowed: boolean): Decision {
  if (!facts.verdict) return { ...offer(facts, "not-inspected", "waits for its inspection"), state: "pending" };
  if (allowed) return offer(facts, "allowed", "is let through by an allow rule");
  if (facts.exceptions.length > 0) return offer(facts, "allowed", "is let through by an exception");
  return offer(facts, "clean", "was inspected and is clean");
}

function matchesAny(rules: readonly string[], facts: Facts): boolean {
  return rules.some((text) => ruleMatches(compiled(text), facts.ecosystem, facts.name, facts.version));
}

const COMPILED = new Map<string, ReturnType<typeof readRule>>();

/** Rules come from the operator's configuration, so there are few; each is read once. */
function compiled(text: string): ReturnType<typeof readRule> {
  let rule = COMPILED.get(text);
  if (!rule) COMPILED.set(text, (rule = readRule(text)));
  return rule;
}

function offer(facts: Facts, code: ReasonCode, says: string): Decision {
  return { state: "visible", code, sentence: sentence(facts, says) };
}

function withhold(facts: Facts, state: StandingState, code: ReasonCode, says: string): Decision {
  return { state, code, sentence: sentence(facts, says) };
}

/** Terminals and reason phrases get printable ASCII only: names and details come from attackers. */
function sentence(facts: Facts, says: string): string {
  const subject = purlOf(facts.ecosystem, facts.name, facts.version).slice(0, 120);
  return `${subject} ${says}`.replace(/[^\x20-\x7e]/g, "?").slice(0, 300);
}

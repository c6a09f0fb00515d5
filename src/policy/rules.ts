import { ECOSYSTEM_IDS, type EcosystemId } from "../catalog/model.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { refuse } from "../errors.ts";

/** A purl pattern with an optional version range, as policy and exceptions write it: `pkg:npm/@corp/*`, `pkg:pypi/django@>=4,<4.2.1`. */
export interface Rule {
  readonly text: string;
  readonly ecosystem: EcosystemId;
  /** Normalised name, or a pattern with `*` at its end. */
  readonly name: string;
  /** In the ecosystem's own notation; `*` is every version. */
  readonly range: string;
}

/** Reads a rule. Throws BAD_REQUEST with what is wrong. */
export function readRule(text: string): Rule {
  const match = /^pkg:([a-z]+)\/(.+?)(?:@([^@/]+))?$/.exec(text.trim());
  const ecosystem = ECOSYSTEM_IDS.find((id) => id === match?.[1]);
  if (!match || !ecosystem)
    throw refuse("BAD_REQUEST", {
      why: `"${text}" is not a rule: write pkg:npm/name, pkg:npm/@scope/* or pkg:pypi/name@>=1,<2 (ecosystems: ${ECOSYSTEM_IDS.join(", ")})`,
    });
  const range = decodePurl(match[3] ?? "*");
  if (!/^[\w.+!-]+$/.test(range) && !ECOSYSTEMS[ecosystem].isRange(range))
    throw refuse("BAD_REQUEST", { why: `"${text}": ${range} is neither a version nor a range of ${ecosystem}` });
  return {
    text,
    ecosystem,
    name: normalizePattern(ecosystem, decodePurl(match[2]!)),
    range,
  };
}

/** Whether a release falls under a rule; `name` is normalised. */
export function ruleMatches(rule: Rule, ecosystem: EcosystemId, name: string, version: string): boolean {
  return rule.ecosystem === ecosystem && nameMatches(rule.name, name) && rangeMatches(rule, version);
}

/** Whether a normalised name fits a pattern: equal, or `prefix*`. */
export function nameMatches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** A pattern in normalised form; throws INVALID_NAME. */
export function normalizePattern(ecosystem: EcosystemId, pattern: string): string {
  if (pattern === "*") return pattern;
  if (!pattern.endsWith("*")) return ECOSYSTEMS[ecosystem].normalizeName(pattern);
  // A letter stands in for the star, because "corp-" alone is no valid name.
  return ECOSYSTEMS[ecosystem].normalizeName(`${pattern.slice(0, -1)}x`).slice(0, -1) + "*";
}

/** The purl of a release, or of a project when `version` is absent (purl-spec; npm scopes keep their `@` readable as `%40`). */
export function purlOf(ecosystem: EcosystemId, name: string, version?: string): string {
  const path = name.split("/").map(encodePurl).join("/");
  return `pkg:${ecosystem}/${path}${version === undefined ? "" : `@${encodePurl(version)}`}`;
}

function rangeMatches(rule: Rule, version: string): boolean {
  return rule.range === "*" || rule.range === version || ECOSYSTEMS[rule.ecosystem].inRange(version, rule.range);
}

function decodePurl(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encodePurl(text: string): string {
  return encodeURIComponent(text).replace(/%3A/g, ":").replace(/%2B/g, "+");
}

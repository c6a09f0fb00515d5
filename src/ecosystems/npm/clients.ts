import semver from "semver";

/** A client that avoids deprecated versions in ranges, and from which version on; measured, see README.md. */
interface AvoidsDeprecated {
  readonly client: string;
  readonly range: string;
}

/** Clients to which a withheld version may be shown as deprecated. Whoever is not in this list would choose it. */
const AVOID_DEPRECATED: readonly AvoidsDeprecated[] = [
  { client: "pnpm", range: ">=11.28.0 <12.0.0-0 || >=12.6.0" },
  { client: "bun", range: ">=1.4.4" },
];

/** What yarn 3 and 4 call themselves: the name of their HTTP library, without a version. */
const YARN_BERRY = "got (";

/**
 * Whether the client with this User-Agent takes a deprecated version in a range only when nothing else matches, and asks
 * for its tarball, with whose address and refusal it then says why, when the version was asked for exactly. npm is not
 * among them because it has something better in every view: `policyRestrictions`.
 */
export function showsWithheld(userAgent: string): boolean {
  if (userAgent.startsWith(YARN_BERRY)) return true;
  const [, client = "", version = ""] = /^([A-Za-z]{1,20})\/(\d[0-9A-Za-z.+-]{0,60})(?: |$)/.exec(userAgent) ?? [];
  const known = AVOID_DEPRECATED.find((one) => one.client === client.toLowerCase());
  return known !== undefined && semver.satisfies(version, known.range, { includePrerelease: true });
}

/** Whether the client prints, of a tarball that is refused, nothing but the address at which it ended. */
export function printsAddressOnly(userAgent: string): boolean {
  return /^bun\//i.test(userAgent);
}

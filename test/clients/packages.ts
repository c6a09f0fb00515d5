import { createHash } from "node:crypto";
import type { EcosystemId } from "../../src/catalog/model.ts";
import { npmTarball } from "../support/archives.ts";
import type { FakeUpstream } from "../support/fake-upstream.ts";
import { malicious, publishNpm } from "../support/publish.ts";
import { maliciousNupkg, plainNupkg, publishNuGet, publishNuGetServices } from "../support/publish-nuget.ts";
import { maliciousSdist, maliciousWheel, publishPypi, pureWheel } from "../support/publish-pypi.ts";

/** What an ecosystem calls the three kinds of wishes that tests have. */
export const RANGES = {
  npm: { any: "^1.0.0", exact: "1.1.0", onlyWithheld: "^1.1.0" },
  pypi: { any: ">=1.0", exact: "==1.1.0", onlyWithheld: ">=1.1" },
  nuget: { any: "1.0.0", exact: "[1.1.0]", onlyWithheld: "1.1.0" },
} as const;

/** Versions of one package: 1.0.0 is harmless, 1.1.0 is harmless or malicious. */
type Kind = "good" | "mixed";
type Needs = Readonly<Record<string, string>>;

/** A scoped name where the ecosystem has such, else a plain one. */
export const toolName = (ecosystem: EcosystemId): string => (ecosystem === "npm" ? "@portcullis-test/tool" : "tool");

/**
 * The packages that all clients share: `good` and `mixed` (1.1.0 is malicious), a tool, `app` that needs all three by range, and
 * `only`, which needs what only the withheld version of `mixed` satisfies.
 */
export function publishShared(upstream: FakeUpstream): void {
  publishNuGetServices(upstream);
  for (const ecosystem of ["npm", "pypi", "nuget"] as const) {
    const { any, onlyWithheld } = RANGES[ecosystem];
    publish(upstream, ecosystem, "good", "good");
    publish(upstream, ecosystem, "mixed", "mixed");
    publish(upstream, ecosystem, toolName(ecosystem), "good");
    publishOne(upstream, ecosystem, "app", { good: any, mixed: any, [toolName(ecosystem)]: any });
    publishOne(upstream, ecosystem, "only", { mixed: onlyWithheld });
  }
}

/** The packages that one client has to itself, because what one client makes known would change what the next one sees. */
export function publishFor(upstream: FakeUpstream, ecosystem: EcosystemId, slug: string): void {
  publish(upstream, ecosystem, `first-${slug}`, "mixed");
  publish(upstream, ecosystem, `turned-${slug}`, "good");
  publish(upstream, ecosystem, `slow-${slug}`, "good");
}

/** sha256 of the harmless wheel of a PyPI package, for clients whose lock file somebody else writes. */
export function wheelDigest(name: string, version: string): string {
  return createHash("sha256").update(plainWheel(name, version).bytes).digest("hex");
}

function publish(upstream: FakeUpstream, ecosystem: EcosystemId, name: string, kind: Kind): void {
  const bad = kind === "mixed";
  if (ecosystem === "npm") {
    const last = bad ? malicious(name, "1.1.0") : tarball(name, "1.1.0");
    publishNpm(upstream, name, { "1.0.0": tarball(name, "1.0.0"), "1.1.0": last });
  } else if (ecosystem === "pypi") {
    const last = bad ? [maliciousWheel(name, "1.1.0"), maliciousSdist(name, "1.1.0")] : [plainWheel(name, "1.1.0")];
    publishPypi(upstream, name, [plainWheel(name, "1.0.0"), ...last]);
  } else {
    const last = bad ? maliciousNupkg(name, "1.1.0") : plainNupkg(name, "1.1.0");
    publishNuGet(upstream, name, { "1.0.0": plainNupkg(name, "1.0.0"), "1.1.0": last });
  }
}

function publishOne(upstream: FakeUpstream, ecosystem: EcosystemId, name: string, needs: Needs): void {
  const version = "1.0.0";
  if (ecosystem === "npm") {
    const manifest = { dependencies: needs };
    const bytes = npmTarball({ name, version, manifest, files: { "index.js": `module.exports = "${name}";\n` } });
    publishNpm(upstream, name, { [version]: bytes }, {}, { [version]: manifest });
  } else if (ecosystem === "pypi") {
    const requires = Object.entries(needs).map(([other, range]) => `${other}${range}`);
    publishPypi(upstream, name, [pureWheel(name, version, `NAME = "${name}"\n`, requires)]);
  } else publishNuGet(upstream, name, { [version]: plainNupkg(name, version, needs) });
}

function tarball(name: string, version: string): Buffer {
  return npmTarball({ name, version, files: { "index.js": `module.exports = "${name} ${version}";\n` } });
}

/** Offered by an upstream that knows no metadata files, so that clients read those that inspection takes out of the wheels. */
function plainWheel(name: string, version: string) {
  const { metadata: _, ...file } = pureWheel(name, version, `VERSION = "${version}"\n`);
  return file;
}

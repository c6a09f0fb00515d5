import { z } from "zod";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";

/**
 * The one schema of settings. Each setting is described here; docs/reference/configuration.md is generated from it.
 * Sources, later wins: defaults, discovered client configuration, portcullis.toml, PORTCULLIS_… environment, flags
 * (read by load-config.ts, the only file that reads process.env).
 */

const duration = z.string().regex(/^\d+(ms|s|m|h|d)$/, "a duration such as 30s, 5m, 12h or 7d");
const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http(s) URL" });
const urlOrNone = z.union([
  z.url({ protocol: /^https?$/, error: "must be an http(s) URL, or none" }),
  z.literal("none"),
]);
const ecosystem = z.enum(["pypi", "npm", "nuget"]);

/** The settings of [policy] with their defaults. */
export const policySchema = z.strictObject({
  mode: z
    .enum(["off", "audit", "enforce"])
    .default("enforce")
    .describe(
      "off: no inspection decides anything; audit: everything is offered and what enforce would withhold is recorded; enforce.",
    ),
  pending: z
    .enum(["inspect-on-download", "hide"])
    .default("inspect-on-download")
    .describe(
      "What a version that nobody has inspected is: listed, with its files inspected on the first download; or not listed.",
    ),
  hold_at: z.number().min(0).max(1).default(0.5).describe("Score from which a file is held (verdict suspicious)."),
  block_at: z.number().min(0).max(1).default(0.9).describe("Score from which a file is blocked (verdict malicious)."),
  cooldown: duration
    .default("0s")
    .describe(
      "A release younger than this is offered only once its full assessment is clean; after it, age stops counting. The verdict never does.",
    ),
  cooldown_exempt: z
    .array(z.string())
    .default([])
    .describe("purls or purl patterns (own scopes, e.g. pkg:npm/@corp/*) that never wait for age."),
  security_fixes_skip_cooldown: z
    .boolean()
    .default(true)
    .describe("A version that an advisory names as the fix does not wait for age."),
  withhold_vulnerable: z
    .enum(["never", "critical", "high", "moderate", "low"])
    .default("never")
    .describe("Withhold versions with a known vulnerability of at least this severity."),
  allow: z
    .array(z.string())
    .default([])
    .describe(
      "purls with an optional range (pkg:npm/left-pad@^1.3) that pass whatever the verdict; malware advisories still withhold.",
    ),
  deny: z.array(z.string()).default([]).describe("purls with an optional range that are always withheld."),
});

/** What a feed lets through. Its hash is recorded with every decision. */
export type Policy = z.infer<typeof policySchema>;

const upstreamSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/)
    .describe("The upstream's name: one declared origin for the names it owns."),
  ecosystem: ecosystem.describe("Whose protocol it speaks."),
  url: httpUrl.describe("Base URL: the Simple index for PyPI, the registry for npm, index.json for NuGet."),
  names: z
    .array(z.string())
    .default(["*"])
    .describe("Name patterns that come from here and from nowhere else; the most specific pattern wins."),
  username: z.string().optional().describe("User name for Basic authentication."),
  password_file: z.string().optional().describe("File with the password or token for Basic authentication."),
  token_file: z.string().optional().describe("File with a Bearer token."),
  trust_times: z
    .boolean()
    .default(true)
    .describe("Whether its publish times may be believed for ages older than our own first sight."),
  allow_private_address: z
    .boolean()
    .default(false)
    .describe(
      "Whether it may be, or redirect to, a loopback or private network address. Set for the URL's own host when that is one.",
    ),
});
export type UpstreamConfig = z.infer<typeof upstreamSchema>;

const feedSchema = z.strictObject({
  policy: policyOverridesSchema().default({}).describe("Settings of [policy] that differ on this feed."),
  upstreams: z.array(z.string()).optional().describe("Names of the upstreams this feed may use; default: all."),
});

/** The settings of a policy, each optional and without its default: a feed states only what differs, the rest is [policy]'s. */
function policyOverridesSchema() {
  type Shape = typeof policySchema.shape;
  const shape = Object.entries(policySchema.shape).map(([name, field]) => {
    const bare = (field.unwrap() as z.ZodType).optional();
    return [name, field.description === undefined ? bare : bare.describe(field.description)];
  });
  return z.strictObject(
    Object.fromEntries(shape) as { [K in keyof Shape]: z.ZodOptional<ReturnType<Shape[K]["unwrap"]>> },
  );
}

const advisorySourceSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/)
    .describe("The source's name, shown with every decision that rests on it."),
  kind: z
    .enum(["osv", "urlhaus"])
    .describe("osv: OSV records (JSON, JSON lines, or a zip of them); urlhaus: URLhaus CSV or text."),
  location: z.string().describe("File path or http(s) URL."),
  every: duration.default("1h").describe("How often it is read again."),
});

/** Every setting with its default. */
export const configSchema = z.strictObject({
  data: z.string().default("data").describe("The data folder: everything Portcullis keeps."),
  host: z.string().default("127.0.0.1").describe("Address to listen on."),
  port: z.number().int().min(0).max(65535).default(8321).describe("Port to listen on; 0 picks a free one."),
  public_url: httpUrl
    .optional()
    .describe("The URL that clients use, when it is not http://host:port (behind a proxy)."),
  trusted_proxies: z
    .array(z.string())
    .default([])
    .describe("Addresses or CIDR ranges of reverse proxies whose X-Forwarded-* headers are believed."),
  tls: z
    .strictObject({ cert: z.string().describe("PEM certificate chain."), key: z.string().describe("PEM private key.") })
    .optional()
    .describe("Serve HTTPS directly."),
  anonymous_reading: z
    .boolean()
    .default(true)
    .describe("Whether installing needs no token. With false every request names a person or a CI job."),
  log: z.enum(["debug", "info", "warn", "error"]).default("info").describe("Least severe log line written to stderr."),
  upstream: z
    .strictObject({
      pypi: urlOrNone
        .optional()
        .describe("Default PyPI upstream (Simple index URL) or none; default: discovered from pip's configuration."),
      npm: urlOrNone.optional().describe("Default npm upstream or none; default: discovered from npm's configuration."),
      nuget: urlOrNone
        .optional()
        .describe("Default NuGet upstream (service index URL) or none; default: discovered from NuGet.Config."),
    })
    .default({})
    .describe("The default upstream of each ecosystem."),
  upstreams: z.array(upstreamSchema).default([]).describe("Further upstreams, each with the names it owns."),
  private: z
    .strictObject({
      pypi: z.array(z.string()).default([]),
      npm: z.array(z.string()).default([]),
      nuget: z.array(z.string()).default([]),
    })
    .default({ pypi: [], npm: [], nuget: [] })
    .describe("Name patterns that are hosted here only: never asked of an upstream, never merged with one."),
  network: z
    .strictObject({
      proxy: z.string().optional().describe("Proxy for upstream requests; default: HTTPS_PROXY / HTTP_PROXY."),
      no_proxy: z
        .array(z.string())
        .default([])
        .describe("Hosts asked without the proxy, as in NO_PROXY (host, .domain, host:port, *); default: NO_PROXY."),
      ca_file: z
        .string()
        .optional()
        .describe("PEM file with further certificate authorities; default: NODE_EXTRA_CA_CERTS."),
      index_ttl: duration
        .default("5m")
        .describe("How long an index document is served before upstream is asked whether it changed."),
      stale_for: duration
        .default("30d")
        .describe("How long a known index document is served, marked stale, while upstream is down."),
    })
    .prefault({}),
  inspectors: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe("Inspector processes; default: one per core, at most 4."),
  prefetch: z.boolean().default(true).describe("Inspect ahead of time what a resolver is likely to choose next."),
  policy: policySchema.prefault({}),
  feeds: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/), feedSchema)
    .default({})
    .describe("Named feeds, served at /f/NAME/pypi/ and so on."),
  advisories: z.array(advisorySourceSchema).default([]).describe("Lists of known malware, vulnerabilities and URLs."),
  limits: z
    .partialRecord(
      z.enum(Object.keys(DEFAULT_LIMITS) as [keyof Limits, ...(keyof Limits)[]]),
      z.number().int().positive(),
    )
    .default({})
    .describe("Bounds that differ from the defaults in docs/reference/limits.md."),
});

/** Settings after defaults. Upstreams discovered or given by flag are already in `upstreams` under the names `pypi`, `npm`, `nuget`. */
export type Config = z.infer<typeof configSchema>;

/** The bounds in force. */
export function limitsOf(config: Config): Limits {
  return { ...DEFAULT_LIMITS, ...config.limits };
}

import { z } from "zod";
import { listSources } from "../../advisories/sync.ts";
import { withoutCredentials } from "../../lib/secret.ts";
import { apiRoute } from "./route.ts";

const source = z.object({
  name: z.string(),
  kind: z.enum(["osv", "urlhaus"]),
  location: z.string(),
  entries: z.number().int(),
  importedAt: z.number().nullable(),
  tripped: z
    .string()
    .nullable()
    .describe(
      "Why its circuit breaker is open: its last reading does not count, what it said before still does; or some addresses of a URL list do not.",
    ),
  trippedAt: z.number().nullable(),
});

/** Lists of paying subscribers have their key in the address. */
function withoutSecrets(location: string): string {
  const url = /^https?:/i.test(location) ? URL.parse(location) : null;
  return url ? withoutCredentials(`${url.origin}${url.pathname}`) : location;
}

/** The lists that report malware, vulnerabilities and URLs, and their circuit breakers. */
export const advisoryRoutes = [
  apiRoute({
    method: "GET",
    path: "/advisories/sources",
    summary: "List advisory sources and their breakers",
    access: "read",
    answer: z.object({ sources: z.array(source) }),
    async handle({ keeping }) {
      const sources = await listSources(keeping.intake.app);
      return { sources: sources.map((one) => ({ ...one, location: withoutSecrets(one.location) })) };
    },
  }),
  apiRoute({
    method: "POST",
    path: "/advisories/sources/:name/sync",
    summary: "Read an advisory source now",
    access: "admin",
    params: z.object({ name: z.string() }),
    body: z.strictObject({
      force: z.boolean().default(false).describe("Believe this reading although it would open the circuit breaker."),
    }),
    answer: z.object({ source: z.string(), entries: z.number(), unread: z.number(), tripped: z.string().optional() }),
    handle: async ({ keeping, params, body }) => keeping.intake.advisoryLists.sync(params.name, body),
  }),
];

import { z } from "zod";
import type { FeedId } from "../../catalog/model.ts";
import { ledgerRows } from "../../tracking/ledger.ts";
import { apiRoute } from "./route.ts";

const row = z.object({
  id: z.number().int(),
  at: z.number().describe("Epoch milliseconds."),
  subject: z.string(),
  client: z.string(),
  feed: z.string(),
  project: z.string(),
  version: z.string(),
  filename: z.string(),
  sha256: z.string().nullable(),
  outcome: z.enum(["served", "withheld", "deferred"]),
  state: z.string(),
  code: z.string(),
  word: z.string().nullable(),
  score: z.number().nullable(),
  policy: z.string(),
  inputs_hash: z.string().nullable(),
  bytes: z.number(),
  address: z.string(),
});

/** Every file served or withheld, with who asked. */
export const ledgerRoutes = [
  apiRoute({
    method: "GET",
    path: "/ledger",
    summary: "Read the ledger, oldest first",
    access: "admin",
    query: z.strictObject({
      since: z.coerce.number().int().optional().describe("Epoch milliseconds, inclusive."),
      until: z.coerce.number().int().optional().describe("Epoch milliseconds, exclusive."),
      feed: z.string().optional().describe("name/ecosystem"),
      project: z.string().optional(),
      subject: z.string().optional(),
      sha256: z.string().optional(),
      outcome: z.enum(["served", "withheld", "deferred"]).optional(),
      after: z.coerce.number().int().optional().describe("The last page's next."),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    answer: z.object({ rows: z.array(row), next: z.number().int().optional() }),
    async handle({ keeping, query }) {
      const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
      const page = await ledgerRows(keeping.intake.app, given as typeof given & { feed?: FeedId });
      return { rows: [...page.rows], ...(page.next !== undefined && { next: page.next }) };
    },
  }),
];

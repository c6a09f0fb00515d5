import { z } from "zod";
import { type Policy, policySchema } from "../../config.ts";
import { replay } from "../../policy/replay.ts";
import { readRule } from "../../policy/rules.ts";
import { apiRoute } from "./route.ts";

const replayedFile = z.object({
  feed: z.string(),
  purl: z.string(),
  filename: z.string(),
  code: z.string(),
  sentence: z.string(),
  requests: z.number().int(),
  subjects: z.array(z.string()),
});

/** Settings of a policy, none of them with a default: only what is said differs. */
const changes = z.strictObject(
  Object.fromEntries(
    Object.entries(policySchema.shape).map(([name, field]) => [name, (field.unwrap() as z.ZodType).optional()]),
  ),
);

/** What each feed lets through, and what another policy would have let through. */
export const policyRoutes = [
  apiRoute({
    method: "GET",
    path: "/policy",
    summary:
      "The policy of every feed; whoever asks without a token is not told its rules, which may hold private names",
    access: "read",
    answer: z.object({ feeds: z.array(z.object({ feed: z.string(), hash: z.string(), policy: z.looseObject({}) })) }),
    handle: async ({ keeping, subject }) => ({
      feeds: keeping.intake.feeds.all.map(({ id, policyHash, policy }) => ({
        feed: id,
        hash: policyHash,
        policy: subject.kind === "anonymous" ? withoutNames(policy) : policy,
      })),
    }),
  }),
  apiRoute({
    method: "POST",
    path: "/policy/replay",
    summary: "Replay the ledger under a policy",
    access: "admin",
    body: z.strictObject({
      since: z.number().int().describe("Epoch milliseconds."),
      feed: z.string().max(100).optional().describe("A feed's name; default: every feed."),
      changes: changes.default({}).describe("Settings that differ from the policy in force."),
    }),
    answer: z.object({
      requests: z.number().int(),
      files: z.number().int(),
      withheld: z.array(replayedFile),
      offered: z.array(replayedFile),
    }),
    async handle({ keeping, body }) {
      const { app, feeds } = keeping.intake;
      const defined = Object.fromEntries(Object.entries(body.changes).filter(([, value]) => value !== undefined));
      const { allow = [], deny = [], cooldown_exempt: exempt = [] } = defined as Partial<z.infer<typeof policySchema>>;
      for (const rule of [...allow, ...deny, ...exempt]) readRule(rule);
      const { withheld, offered, ...counts } = await replay(app, feeds, {
        since: body.since,
        ...(body.feed !== undefined && { feed: body.feed }),
        changes: defined,
      });
      return { ...counts, withheld: [...withheld].map(mutable), offered: [...offered].map(mutable) };
    },
  }),
];

/** Rules name what a company makes and uses. */
function withoutNames({ allow, deny, cooldown_exempt, ...policy }: Policy): Partial<Policy> {
  return policy;
}

function mutable<File extends { readonly subjects: readonly string[] }>(file: File) {
  return { ...file, subjects: [...file.subjects] };
}

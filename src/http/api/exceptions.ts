import { z } from "zod";
import { ECOSYSTEMS } from "../../ecosystems/index.ts";
import type { GateKeeping } from "../../gate/open-gate.ts";
import { type Reapplied, reapply } from "../../intake/reapply.ts";
import {
  type ExceptionRow,
  exceptionMatches,
  listExceptions,
  recordException,
  revokeException,
} from "../../policy/exceptions.ts";
import { DEFAULT_FEED } from "../../policy/feeds.ts";
import { readRule } from "../../policy/rules.ts";
import { apiRoute } from "./route.ts";

const exception = z.object({
  id: z.number().int(),
  feed: z.string().describe("Feed name, or * for every feed."),
  purl: z.string(),
  versions: z.string(),
  detector: z.string().describe("A detector, a reason code, or * for every detector."),
  reason: z.string(),
  author: z.string().describe("Empty for whoever asks without a token."),
  createdAt: z.number().describe("Epoch milliseconds."),
  expiresAt: z.number().describe("Epoch milliseconds."),
  revokedAt: z.number().nullable(),
  revokedBy: z.string().nullable(),
});

/** Recorded, expiring permissions despite a finding. */
export const exceptionRoutes = [
  apiRoute({
    method: "GET",
    path: "/exceptions",
    summary: "List exceptions, newest first",
    access: "read",
    answer: z.object({ exceptions: z.array(exception) }),
    async handle({ keeping, subject }) {
      const exceptions = await listExceptions(keeping.intake.app);
      return { exceptions: subject.kind === "anonymous" ? exceptions.map(withoutPersons) : exceptions };
    },
  }),
  apiRoute({
    method: "POST",
    path: "/exceptions",
    summary: "Record an exception",
    access: "admin",
    status: 201,
    body: z.strictObject({
      purl: z.string().max(500).describe("pkg:npm/left-pad@1.3.0; the version part may be a range."),
      feed: z.string().max(100).default(DEFAULT_FEED).describe("Feed name, or * for every feed."),
      detector: z
        .string()
        .regex(/^(?:\*|[a-z0-9-]{1,100})$/)
        .describe("A detector, a reason code, or *."),
      reason: z.string().max(1000),
      expiresAt: z.number().int().describe("Epoch milliseconds, within a year."),
    }),
    answer: z.object({
      id: z.number().int(),
      stillWithheld: z
        .array(z.string())
        .describe(
          "What else withholds files that it covers, a sentence each, at most 5; of files that were inspected.",
        ),
    }),
    async handle({ keeping, body, subject }) {
      const { app, feeds } = keeping.intake;
      if (body.feed !== "*") feeds.get(body.feed, "npm");
      const id = await recordException(app, body, subject.name);
      const decided = await applyTo(keeping, body.purl);
      return { id, stillWithheld: stillWithheld(decided, body) };
    },
  }),
  apiRoute({
    method: "DELETE",
    path: "/exceptions/:id",
    summary: "End an exception",
    access: "admin",
    params: z.object({ id: z.coerce.number().int() }),
    async handle({ keeping, params, subject }) {
      const { app } = keeping.intake;
      await applyTo(keeping, await revokeException(app, params.id, subject.name));
    },
  }),
];

/** Who let something through is told to those who say who they are. */
function withoutPersons(one: ExceptionRow): ExceptionRow {
  return { ...one, author: "", revokedBy: one.revokedBy === null ? null : "" };
}

/** Brings standings up to date; what clients get changed already. */
async function applyTo({ intake }: GateKeeping, purl: string): Promise<readonly Reapplied[]> {
  const { ecosystem, name } = readRule(purl);
  return reapply(intake.app, intake.feeds, intake.mirror, ecosystem, name);
}

/** Sentences about what stays withheld that one answer has. */
const MOST_SENTENCES = 5;

/** Whoever names one of two detectors, or misspells one, learns it now and not from the next install. */
function stillWithheld(decided: readonly Reapplied[], { purl, feed }: { purl: string; feed: string }): string[] {
  const { range } = readRule(purl);
  const sentences = decided
    .filter((one) => feed === "*" || one.feed.name === feed)
    .filter((one) => exceptionMatches({ versions: range }, ECOSYSTEMS[one.feed.ecosystem], one.version))
    .filter(({ decision }) => decision.state === "held" || decision.state === "blocked")
    .map(({ decision }) => decision.sentence);
  return [...new Set(sentences)].slice(0, MOST_SENTENCES);
}

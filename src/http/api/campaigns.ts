import { z } from "zod";
import { listCampaigns } from "../../tracking/campaigns.ts";
import { apiRoute } from "./route.ts";

const member = z.object({
  ecosystem: z.string(),
  name: z.string(),
  version: z.string(),
  filename: z.string(),
  sha256: z.string(),
  own: z.string().describe("The verdict on its own bytes, without regard to others."),
  firstSeenAt: z.number(),
});

const campaign = z.object({
  id: z
    .number()
    .int()
    .describe("The smallest of its releases' numbers: campaigns that turn out to be one go on under the older number."),
  releases: z.number().int(),
  ecosystems: z.array(z.string()),
  firstSeenAt: z.number().describe("Epoch milliseconds."),
  lastSeenAt: z.number(),
  members: z.array(member).describe("The newest, at most 100."),
  indicators: z
    .array(z.object({ indicator: z.string(), releases: z.number().int() }))
    .describe(
      "What at least two of its releases have in common: hosts, addresses, wallets, mail addresses, embedded programs.",
    ),
});

/** Releases that belong together. */
export const campaignRoutes = [
  apiRoute({
    method: "GET",
    path: "/campaigns",
    summary: "List campaigns: releases with the same code or indicators",
    access: "admin",
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(50) }),
    answer: z.object({ campaigns: z.array(campaign) }),
    async handle({ keeping, query }) {
      const campaigns = listCampaigns(keeping.intake.app, query);
      return {
        campaigns: campaigns.map((one) => ({
          ...one,
          ecosystems: [...one.ecosystems],
          members: [...one.members],
          indicators: [...one.indicators],
        })),
      };
    },
  }),
];

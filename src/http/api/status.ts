import { z } from "zod";
import { countStandings } from "../../catalog/standings.ts";
import { ENGINE } from "../../inspection/engine.ts";
import { defaultUpstream } from "../../policy/feeds.ts";
import { version } from "../../version.ts";
import { apiRoute } from "./route.ts";

/** Whether it runs, as what, and who is asking. */
export const statusRoutes = [
  apiRoute({
    method: "GET",
    path: "/status",
    summary: "What runs, its feeds and how busy it is",
    access: "read",
    answer: z.object({
      version: z.string(),
      engine: z.string(),
      now: z.number().int().describe("The server's civil time, epoch milliseconds."),
      feeds: z.array(
        z.object({ feed: z.string(), base: z.string(), mode: z.string(), upstream: z.string().nullable() }),
      ),
      inspections: z.object({ waiting: z.number(), running: z.number(), meanMs: z.number() }),
      standings: z.array(z.object({ feed: z.string(), state: z.string(), count: z.number().int() })),
    }),
    async handle({ keeping, root }) {
      const { app, feeds, inspectors } = keeping.intake;
      return {
        version: version(),
        engine: ENGINE,
        now: app.clock(),
        feeds: feeds.all.map((feed) => ({
          feed: feed.id,
          base: `${root}${feed.name === "default" ? "" : `/f/${feed.name}`}/${feed.ecosystem}`,
          mode: feed.policy.mode,
          upstream: defaultUpstream(feed)?.name ?? null,
        })),
        inspections: inspectors.load(),
        standings: await countStandings(app),
      };
    },
  }),
  apiRoute({
    method: "GET",
    path: "/whoami",
    summary: "Who the token names",
    access: "open",
    answer: z.object({ name: z.string(), kind: z.string() }),
    handle: async ({ subject }) => ({ name: subject.name, kind: subject.kind }),
  }),
];

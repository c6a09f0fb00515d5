import { z } from "zod";
import { findArtifact } from "../../catalog/artifacts.ts";
import { ECOSYSTEM_IDS, type ListedArtifact } from "../../catalog/model.ts";
import { findAssessment, findInspection } from "../../catalog/verdicts.ts";
import { ECOSYSTEMS } from "../../ecosystems/index.ts";
import { refuse } from "../../errors.ts";
import { whyUrl } from "../../gate/views.ts";
import { decide } from "../../policy/decide.ts";
import { projectFacts } from "../../policy/facts.ts";
import { apiRoute } from "./route.ts";

const artifact = z.object({
  filename: z.string(),
  version: z.string(),
  sha256: z.string().nullable(),
  state: z.enum(["visible", "pending", "held", "blocked"]),
  code: z.string(),
  sentence: z.string(),
  until: z.number().nullable(),
  verdict: z.looseObject({}).nullable(),
  findings: z.array(z.looseObject({})),
  page: z.string().describe("The page with the evidence."),
});

/** Artifacts described in one answer. */
const MOST_ARTIFACTS = 500;

/** What is known of a project's releases on a feed. */
export const releaseRoutes = [
  apiRoute({
    method: "GET",
    path: "/feeds/:feed/:ecosystem/projects/:name",
    summary: "The standing of a project's artifacts, with verdicts and findings",
    access: "read",
    params: z.object({
      feed: z.string(),
      ecosystem: z.enum(ECOSYSTEM_IDS as unknown as ["pypi", "npm", "nuget"]),
      name: z.string().describe("Percent-encoded; npm scopes as @scope%2Fname."),
    }),
    query: z.strictObject({ version: z.string().optional().describe("One version; default: all, newest first.") }),
    answer: z.object({ name: z.string(), artifacts: z.array(artifact) }),
    async handle({ keeping, params, query, root }) {
      const { app, feeds, mirror } = keeping.intake;
      const feed = feeds.get(params.feed, params.ecosystem);
      const { normalizeName, compareVersions } = ECOSYSTEMS[feed.ecosystem];
      const project = await mirror.project(feed, normalizeName(params.name));
      const { listing } = await mirror.read(feed, project);
      const factsOf = projectFacts(app, feed, project, listing);
      const wanted = listing.artifacts.filter(
        ({ version }) => query.version === undefined || version === query.version,
      );
      if (query.version !== undefined && wanted.length === 0)
        throw refuse("ARTIFACT_NOT_FOUND", { name: project.name, filename: query.version, feed: feed.name });
      const describe = (listed: ListedArtifact) => {
        const decision = decide(factsOf(listed), feed.policy, app.clock());
        const row = findArtifact(app, project.id, listed.filename);
        const verdict = row && findAssessment(app, feed.id, row.id)?.verdict;
        const sha256 = row?.sha256 ?? null;
        const { ecosystem } = feed;
        const inspection =
          sha256 === null ? undefined : findInspection(app, { sha256, ecosystem, filename: listed.filename });
        return {
          filename: listed.filename,
          version: listed.version,
          sha256,
          state: decision.state,
          code: decision.code,
          sentence: decision.sentence,
          until: decision.until ?? null,
          verdict: verdict ? { ...verdict } : null,
          findings: (inspection?.findings ?? []).map((one) => ({ ...one })),
          page: whyUrl(root, feed, project.name, listed.filename),
        };
      };
      const newestFirst = [...wanted].sort((a, b) => compareVersions(b.version, a.version)).slice(0, MOST_ARTIFACTS);
      return { name: project.name, artifacts: newestFirst.map(describe) };
    },
  }),
];

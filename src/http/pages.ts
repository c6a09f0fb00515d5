import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { identify } from "../accounts/credentials.ts";
import { advisoryById } from "../advisories/match.ts";
import { findArtifact } from "../catalog/artifacts.ts";
import { ECOSYSTEM_IDS, type EcosystemId } from "../catalog/model.ts";
import { findProject } from "../catalog/projects.ts";
import { findAssessment, findInspection } from "../catalog/verdicts.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { refuse } from "../errors.ts";
import type { GateKeeping } from "../gate/open-gate.ts";
import type { html } from "../lib/html.ts";
import { decide } from "../policy/decide.ts";
import { projectFacts } from "../policy/facts.ts";
import { originOf as originOfName } from "../policy/feeds.ts";
import { purlOf } from "../policy/rules.ts";
import { waysThrough } from "../policy/ways-through.ts";
import type { Origin } from "./caller.ts";
import { advisoryPage, evidencePage, startPage } from "./page-texts.ts";

/** The pages that people reach from a terminal: the start page with the client URLs, and why a file is withheld. */
export function registerPages(
  fastify: FastifyInstance,
  keeping: GateKeeping,
  originOf: (request: FastifyRequest["raw"]) => Origin,
): void {
  const { app, feeds, mirror } = keeping.intake;
  fastify.get("/", async (request, reply) => sendPage(reply, startPage(originOf(request.raw).root, feeds)));
  fastify.get<{ Params: Record<"feed" | "ecosystem" | "name" | "filename", string> }>(
    "/why/:feed/:ecosystem/:name/:filename",
    async (request, reply) => {
      if (!app.config.anonymous_reading && readSubject(request).kind === "anonymous") throw refuse("TOKEN_REQUIRED");
      const { params } = request;
      const feed = feeds.get(params.feed, readEcosystem(params.ecosystem));
      const name = ECOSYSTEMS[feed.ecosystem].normalizeName(params.name);
      const upstream = originOfName(feed, name)?.upstream;
      const row = upstream && findProject(app, feed.ecosystem, upstream.name, name);
      if (!row?.document) throw refuse("NOT_FOUND", { what: "that project; nobody has asked for it on this feed" });
      const { listing } = await mirror.read(feed, { ...row, document: row.document, stale: false, freshUntil: 0 });
      const fetched = findArtifact(app, row.id, params.filename);
      // An index links here before anybody asked for the file.
      const artifact = fetched ?? listing.artifacts.find(({ filename }) => filename === params.filename);
      if (!artifact) throw refuse("NOT_FOUND", { what: "that file" });
      const facts = projectFacts(app, feed, row, listing)(artifact);
      const { filename } = artifact;
      const sha256 = fetched?.sha256 ?? null;
      return sendPage(
        reply,
        evidencePage({
          feed,
          purl: purlOf(feed.ecosystem, name, artifact.version),
          artifact,
          sha256,
          facts,
          decision: decide(facts, feed.policy, app.clock()),
          ways: waysThrough(facts, feed.policy, app.clock()),
          assessment: fetched && findAssessment(app, feed.id, fetched.id),
          inspection:
            sha256 === null ? undefined : findInspection(app, { sha256, ecosystem: feed.ecosystem, filename }),
        }),
      );
    },
  );

  fastify.get<{ Params: { id: string } }>("/why/advisory/:id", async (request, reply) => {
    if (!app.config.anonymous_reading && readSubject(request).kind === "anonymous") throw refuse("TOKEN_REQUIRED");
    const concerned = advisoryById(app, request.params.id, MOST_CONCERNED);
    if (concerned.length === 0) throw refuse("NOT_FOUND", { what: "that advisory on the lists in use" });
    return sendPage(reply, advisoryPage(concerned));
  });

  function readSubject(request: FastifyRequest) {
    return identify(app, (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value[0] : value;
    });
  }
}

/** Projects of one advisory that its page names. */
const MOST_CONCERNED = 200;

function readEcosystem(text: string): EcosystemId {
  const ecosystem = ECOSYSTEM_IDS.find((id) => id === text);
  if (!ecosystem) throw refuse("NOT_FOUND", { what: text.slice(0, 100) });
  return ecosystem;
}

/** No script, no frame, nothing from elsewhere: names and findings on these pages come from attackers. */
const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

function sendPage(reply: FastifyReply, page: ReturnType<typeof html>): FastifyReply {
  return reply.headers(PAGE_HEADERS).type("text/html; charset=utf-8").send(`<!doctype html>\n${page.text}`);
}

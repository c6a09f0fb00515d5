import { fetchedArtifacts } from "../catalog/artifacts.ts";
import type { Subject } from "../catalog/model.ts";
import { projectNames } from "../catalog/projects.ts";
import type { Gate, GatedProject, Reply } from "../ecosystems/ecosystem.ts";
import { ECOSYSTEMS } from "../ecosystems/index.ts";
import { refuse } from "../errors.ts";
import type { Intake } from "../intake/intake.ts";
import type { MirroredProject } from "../intake/mirror.ts";
import { belongsElsewhere, defaultUpstream, type Feed, namesOthers, originOf } from "../policy/feeds.ts";
import { auditAnswers, everyAdvisory } from "./audit.ts";
import type { Client } from "./client.ts";
import type { Files } from "./files.ts";
import { passThrough } from "./pass-through.ts";
import type { Views } from "./views.ts";

/** Who asks, and under which address. */
export interface Caller {
  readonly subject: Subject;
  readonly client: Client;
  readonly method: string;
  /** IP address of the caller, behind trusted proxies. */
  readonly address: string;
  /** URL of the feed and ecosystem as the caller reached it, without trailing slash. */
  readonly base: string;
  /** URL of the server as the caller reached it, without trailing slash. */
  readonly root: string;
}

/** What every gate shares. */
export interface GateKeeping {
  readonly intake: Intake;
  readonly views: Views;
  readonly files: Files;
}

/** The door for one caller on one feed: the only permission checks are here and in http/authenticate. */
export function openGate(keeping: GateKeeping, feed: Feed, caller: Caller): Gate {
  const { intake, views, files } = keeping;
  const ecosystem = ECOSYSTEMS[feed.ecosystem];
  const perspective = {
    base: caller.base,
    root: caller.root,
    showWithheld: ecosystem.showsWithheld(caller.client.userAgent),
  };

  async function open(name: string): Promise<MirroredProject> {
    return intake.mirror.project(feed, ecosystem.normalizeName(name));
  }

  return {
    ecosystem: feed.ecosystem,
    feed: feed.name,
    base: caller.base,
    subject: caller.subject,
    async index(name, form) {
      return views.index(feed, await open(name), form, perspective);
    },
    async project(name): Promise<GatedProject> {
      const project = await open(name);
      const read = await intake.mirror.read(feed, project);
      const view = views.open(feed, project, read, perspective);
      return { name: project.name, listing: read.listing, document: read.document, view };
    },
    async file(name, filename): Promise<Reply> {
      return files.serve(feed, caller, ecosystem.normalizeName(name), filename);
    },
    async sideFile(name, filename, suffix): Promise<Reply> {
      return files.serveSide(feed, caller, ecosystem.normalizeName(name), filename, suffix);
    },
    async names(limit, after) {
      const origins = [...new Set(feed.origins.flatMap(({ upstream }) => upstream?.name ?? []))];
      const names: string[] = [];
      for (let last = after; names.length < limit; ) {
        const some = await projectNames(intake.app, feed.ecosystem, origins, limit, last);
        // What was fetched before its name got another owner is not listed.
        names.push(...some.filter((name) => originOf(feed, name)?.upstream));
        if (some.length < limit) break;
        last = some.at(-1);
      }
      return names.slice(0, limit);
    },
    async passThrough(pathOrUrl, options) {
      const of = options?.project;
      const upstream = of === undefined ? defaultUpstream(feed) : originOf(feed, ecosystem.normalizeName(of))?.upstream;
      if (!upstream) throw refuse("NO_UPSTREAM", { feed: feed.name, name: pathOrUrl, ecosystem: feed.ecosystem });
      return passThrough(intake, upstream, pathOrUrl, options);
    },
    namesOthers: (text) => namesOthers(feed, text),
    belongsElsewhere: (name) => belongsElsewhere(feed, name),
    async advisories(names) {
      return auditAnswers(intake.app, feed, caller.root, names);
    },
    async everyAdvisory(limit) {
      return everyAdvisory(intake.app, feed, caller.root, limit);
    },
    async fetched(skip, limit) {
      return fetchedArtifacts(intake.app, feed.id, skip, limit);
    },
  };
}

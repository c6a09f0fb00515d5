import type { App } from "../app.ts";

/**
 * Counters that tell when what clients see of a project may have changed, so that prepared index documents and decisions kept in
 * memory are made anew. Within one process; nothing is lost with it, because everything kept in memory is lost too.
 */
interface Revisions {
  epoch: number;
  readonly projects: Map<number, number>;
}

const REVISIONS = new WeakMap<App, Revisions>();

/** A text that differs whenever decisions about the project may differ. */
export function revisionOf(app: App, projectId: number): string {
  const { epoch, projects } = revisions(app);
  return `${epoch}.${projects.get(projectId) ?? 0}`;
}

/** Something about one project changed: an assessment, an exception, its index document. */
export function projectChanged(app: App, projectId: number): void {
  const { projects } = revisions(app);
  projects.set(projectId, (projects.get(projectId) ?? 0) + 1);
  if (projects.size > MOST_PROJECTS) everythingChanged(app);
}

/** Something changed that may concern every project: advisories, block lists, policy. */
export function everythingChanged(app: App): void {
  const all = revisions(app);
  all.epoch++;
  all.projects.clear();
}

const MOST_PROJECTS = 200_000;

function revisions(app: App): Revisions {
  let found = REVISIONS.get(app);
  if (!found) REVISIONS.set(app, (found = { epoch: 0, projects: new Map() }));
  return found;
}

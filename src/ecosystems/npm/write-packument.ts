import type { Decision } from "../../catalog/model.ts";
import { refuse } from "../../errors.ts";
import type { IndexView, StoredDocument, WrittenIndex } from "../ecosystem.ts";
import {
  artifactOf,
  asObject,
  type Json,
  type Packument,
  type PackumentVersion,
  readPackument,
  readTime,
} from "./packument.ts";
import { repointTags } from "./tags.ts";
import { compareVersions, majorOf } from "./versions.ts";

/** The abbreviated form's own content type, which clients check before they believe that it is abbreviated. */
export const ABBREVIATED_TYPE = "application/vnd.npm.install-v1+json";
/** The path segment that makes a withheld tarball's address say so in clients that print nothing but the address. */
export const BLOCKED_SEGMENT = "BLOCKED-BY-PORTCULLIS";

/** Sentences about withheld versions that one packument carries. */
const MOST_SENTENCES = 8;
/** https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md#abbreviated-version-object, and `libc`, which clients read too. */
const ABBREVIATED_FIELDS = [
  "name",
  "version",
  "deprecated",
  "dependencies",
  "optionalDependencies",
  "devDependencies",
  "bundleDependencies",
  "peerDependencies",
  "peerDependenciesMeta",
  "acceptDependencies",
  "bin",
  "directories",
  "dist",
  "engines",
  "cpu",
  "os",
  "libc",
  "funding",
  "_hasShrinkwrap",
] as const;

/** What one view offers of a packument. */
interface Offer {
  readonly packument: Packument;
  readonly offered: ReadonlyMap<string, PackumentVersion>;
  readonly withheld: ReadonlyMap<string, Withheld>;
  readonly tags: Readonly<Record<string, string>>;
}

interface Withheld {
  readonly one: PackumentVersion;
  readonly decision: Decision;
}

/**
 * A stored packument as one view shows it. Forms: `full`, `abbreviated`, `version:SPEC` (one version by number or tag).
 * Throws WITHHELD when the version, or every version, is withheld, and NOT_FOUND for a version that is not there.
 */
export function writeIndex(document: StoredDocument, form: string, view: IndexView): WrittenIndex {
  const offer = offerOf(readPackument(document), view);
  if (form.startsWith("version:")) return writeJson(versionDocument(offer, form.slice("version:".length), view));
  if (offer.offered.size === 0 && offer.withheld.size > 0) throw refuseWhole(offer, view);
  if (form === "abbreviated") return writeJson(abbreviatedDocument(offer, view), ABBREVIATED_TYPE);
  if (form === "full") return writeJson(fullDocument(offer, view));
  throw refuse("NOT_FOUND", { what: `${view.name} as ${form}` });
}

/** The dist-tags as one view shows them. */
export function tagsOf(document: StoredDocument, view: IndexView): Readonly<Record<string, string>> {
  return offerOf(readPackument(document), view).tags;
}

/** Whether clients may be offered what the decision is about; what is pending is offered because its file waits. */
export function isOffered(decision: Decision): boolean {
  return decision.state === "visible" || decision.state === "pending";
}

function offerOf(packument: Packument, view: IndexView): Offer {
  const offered = new Map<string, PackumentVersion>();
  const withheld = new Map<string, Withheld>();
  for (const [version, one] of packument.versions) {
    const decision = view.decide(artifactOf(one));
    if (isOffered(decision)) offered.set(version, one);
    else withheld.set(version, { one, decision });
  }
  return { packument, offered, withheld, tags: repointTags(packument.tags, offered) };
}

function fullDocument(offer: Offer, view: IndexView): Json {
  const { stagedVersions: _, policyRestrictions: __, ...root } = offer.packument.root;
  return {
    ...root,
    "dist-tags": offer.tags,
    versions: versionsOf(offer, view, (manifest) => manifest),
    time: timesOf(offer, view),
    ...restrictionsOf(offer, view),
  };
}

function abbreviatedDocument(offer: Offer, view: IndexView): Json {
  const time = timesOf(offer, view);
  return {
    name: offer.packument.name,
    ...(time["modified"] === undefined ? {} : { modified: time["modified"] }),
    "dist-tags": offer.tags,
    versions: versionsOf(offer, view, abbreviate),
    time,
    ...restrictionsOf(offer, view),
  };
}

function versionDocument(offer: Offer, spec: string, view: IndexView): Json {
  const version = Object.hasOwn(offer.tags, spec) ? (offer.tags[spec] as string) : spec;
  const hidden = offer.withheld.get(version);
  if (hidden !== undefined) throw refuseOne(hidden, view);
  const one = offer.offered.get(version);
  if (one !== undefined) return manifestOf(one, tarballOf(one, view), offer.packument.name);
  if (offer.packument.tags.has(spec) && offer.offered.size === 0 && offer.withheld.size > 0)
    throw refuseWhole(offer, view);
  throw refuse("NOT_FOUND", { what: `${view.name}@${spec}` });
}

/** Upstream's order is kept. What is withheld stays only for clients that would then say why, and avoid it in ranges. */
function versionsOf(offer: Offer, view: IndexView, form: (manifest: Json) => Json): Json {
  const versions: Record<string, Json> = {};
  const { name } = offer.packument;
  const spoilt = view.showWithheld ? majorsWithDeprecated(offer) : undefined;
  for (const [version, one] of offer.packument.versions) {
    const hidden = offer.withheld.get(version);
    if (hidden === undefined) versions[version] = form(manifestOf(one, tarballOf(one, view), name));
    else if (spoilt !== undefined && !spoilt.has(majorOf(version)))
      versions[version] = form(withheldManifest(hidden, view, name));
  }
  return versions;
}

/**
 * Majors in which an offered version is deprecated by its publisher. There the mark that makes clients avoid a withheld
 * version in a range avoids nothing: among deprecated versions they take the highest. So it is hidden there.
 */
function majorsWithDeprecated(offer: Offer): ReadonlySet<number> {
  const majors = new Set<number>();
  for (const [version, one] of offer.offered) if (one.manifest["deprecated"]) majors.add(majorOf(version));
  return majors;
}

/** One level is copied and no more. An upstream that calls a version differently inside is not believed. */
function manifestOf(one: PackumentVersion, tarball: string, name: string): Json {
  return { ...one.manifest, name, version: one.version, dist: { ...one.dist, tarball } };
}

function withheldManifest(hidden: Withheld, view: IndexView, name: string): Json {
  const tarball = `${view.base}/${name}/-/${BLOCKED_SEGMENT}/${hidden.decision.code}/${encodeFile(hidden.one.filename)}`;
  return { ...manifestOf(hidden.one, tarball, name), deprecated: sentenceOf(hidden, view) };
}

function tarballOf(one: PackumentVersion, view: IndexView): string {
  return `${view.base}/${view.name}/-/${encodeFile(one.filename)}`;
}

function encodeFile(filename: string): string {
  return encodeURIComponent(filename).replaceAll("%2B", "+").replaceAll("%40", "@");
}

function abbreviate(manifest: Json): Json {
  const short: Record<string, unknown> = {};
  for (const field of ABBREVIATED_FIELDS) if (manifest[field] !== undefined) short[field] = manifest[field];
  const bundled = manifest["bundledDependencies"];
  if (bundled !== undefined && short["bundleDependencies"] === undefined) short["bundleDependencies"] = bundled;
  if (hasInstallScript(manifest)) short["hasInstallScript"] = true;
  return short;
}

function hasInstallScript(manifest: Json): boolean {
  if (manifest["hasInstallScript"] === true || manifest["gypfile"] === true) return true;
  const scripts = asObject(manifest["scripts"]);
  return ["preinstall", "install", "postinstall"].some(
    (hook) => typeof scripts[hook] === "string" && scripts[hook] !== "",
  );
}

/**
 * Canonical times of what is listed. `modified` is the newest time of any version that upstream lists, withheld or not:
 * clients skip their age checks when it is old, and compare it between runs, so it may neither lag nor jump.
 */
function timesOf(offer: Offer, view: IndexView): Readonly<Record<string, unknown>> {
  const { packument } = offer;
  const known = [...packument.versions.values()].map((one) => [one.version, timeOf(one, view)] as const);
  const upstream = asObject(packument.root["time"]);
  let oldest = view.distrustsTimes ? undefined : readTime(upstream["created"]);
  let newest = known.length === 0 ? readTime(upstream["modified"]) : undefined;
  for (const [, time] of known) {
    if (time === undefined) continue;
    oldest = Math.min(oldest ?? time, time);
    newest = Math.max(newest ?? time, time);
  }
  const times: Record<string, unknown> = {};
  if (oldest !== undefined) times["created"] = iso(oldest);
  if (newest !== undefined) times["modified"] = iso(newest);
  for (const [version, time] of known) {
    if (time !== undefined && (view.showWithheld || offer.offered.has(version))) times[version] = iso(time);
  }
  if (known.length === 0 && upstream["unpublished"] !== undefined) times["unpublished"] = upstream["unpublished"];
  return times;
}

function timeOf(one: PackumentVersion, view: IndexView): number | undefined {
  const told = view.distrustsTimes ? undefined : one.publishedAt;
  return told ?? view.firstSeen?.(artifactOf(one));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/**
 * `policyRestrictions` is what npm itself understands: it takes these versions last in a range, and answers an exact
 * request for one with E403 and the message. Before npm-pick-manifest 9.1 a range could still choose one, so that each also counts as
 * deprecated and as made for no engine: whatever is offered sorts before it. Other clients ignore the field.
 * https://github.com/npm/npm-pick-manifest#algorithm
 */
function restrictionsOf(offer: Offer, view: IndexView): Json {
  if (offer.withheld.size === 0 || view.showWithheld) return {};
  const versions: Record<string, Json> = {};
  for (const [version, hidden] of offer.withheld) {
    const { sentence } = hidden.decision;
    versions[version] = { name: offer.packument.name, version, deprecated: sentence, engines: { node: "0.0.0" } };
  }
  return { policyRestrictions: { message: messageOf(offer, view), versions } };
}

function messageOf(offer: Offer, view: IndexView): string {
  const newestFirst = [...offer.withheld.values()].sort((a, b) => compareVersions(b.one.version, a.one.version));
  const sentences = [...new Set(newestFirst.slice(0, MOST_SENTENCES).map((hidden) => sentenceOf(hidden, view)))];
  const more = newestFirst.length - MOST_SENTENCES;
  return [...sentences, ...(more > 0 ? [`${more} more versions are withheld.`] : [])].join("\n");
}

function sentenceOf(hidden: Withheld, view: IndexView): string {
  return `${hidden.decision.sentence} ${view.whyUrl(artifactOf(hidden.one))}`;
}

function refuseOne(hidden: Withheld, view: IndexView): Error {
  return refuse("WITHHELD", { sentence: hidden.decision.sentence, url: view.whyUrl(artifactOf(hidden.one)) });
}

/** With no version left, an empty packument would only say "no matching version"; the refusal says why. */
function refuseWhole(offer: Offer, view: IndexView): Error {
  const tagged = offer.withheld.get(offer.packument.tags.get("latest") ?? "");
  return refuseOne(tagged ?? ([...offer.withheld.values()].at(-1) as Withheld), view);
}

function writeJson(document: Json, contentType = "application/json"): WrittenIndex {
  return { body: Buffer.from(JSON.stringify(document)), contentType };
}

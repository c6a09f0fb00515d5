import type { Decision } from "../../catalog/model.ts";
import { refuse } from "../../errors.ts";
import type { IndexView, StoredDocument, WrittenIndex } from "../ecosystem.ts";
import { HIVES, type Hive, leafUrl, packageUrl, pageUrl, registrationUrl } from "./addresses.ts";
import { type JsonObject, objectsOf, textOf } from "./json.ts";
import { normalizeName } from "./names.ts";
import { type Leaf, readRegistration } from "./stored.ts";
import { compareParsed, type NuGetVersion, parseVersion } from "./versions.ts";
import { explain, headerText, isLeftOut, isWithheld, offeredLeaves, withheldNotice } from "./withheld.ts";

/** From this many versions on, pages stand at addresses of their own. */
const INLINE_BELOW = 128;
const PAGE_SIZE = 64;
const UNLISTED_AT = "1900-01-01T00:00:00+00:00";

/** A project's versions as one hive shows them. */
interface HiveView {
  readonly id: string;
  readonly hive: Hive;
  readonly view: IndexView;
  /** Everything but what this document leaves out (see isLeftOut). */
  readonly leaves: readonly Leaf[];
}

/** The registration index of one hive, with its pages inside for fewer than 128 versions. */
export function writeRegistrationIndex(document: StoredDocument, hive: Hive, view: IndexView): WrittenIndex {
  const shown = hiveView(document, hive, view);
  const url = registrationUrl(view.base, hive, shown.id);
  const pages = chunks(shown.leaves, PAGE_SIZE).map((leaves) => {
    const inline = shown.leaves.length < INLINE_BELOW;
    return {
      ...pageHead(shown, leaves),
      ...(inline && { parent: url, items: leaves.map((leaf) => writeItem(shown, leaf)) }),
    };
  });
  const type = ["catalog:CatalogRoot", "PackageRegistration", "catalog:Permalink"];
  const notice = withheldNotice(readRegistration(document).leaves, view);
  return {
    ...asDocument({ "@id": url, "@type": type, count: pages.length, items: pages }),
    ...(notice !== undefined && { headers: { "x-nuget-warning": notice } }),
  };
}

/** One registration page: every version from `lower` to `upper`, whatever pages an index named before. Throws NOT_FOUND when it has none. */
export function writeRegistrationPage(
  document: StoredDocument,
  hive: Hive,
  view: IndexView,
  lower: string,
  upper: string,
): WrittenIndex {
  const [from, to] = [parseVersion(lower), parseVersion(upper)];
  const shown = hiveView(document, hive, view);
  const leaves = from && to ? shown.leaves.filter((leaf) => isBetween(leaf.version, from, to)) : [];
  if (leaves.length === 0) throw refuse("NOT_FOUND", { what: `the page ${lower} to ${upper} of ${shown.id}` });
  const parent = registrationUrl(view.base, hive, shown.id);
  return asDocument({ ...pageHead(shown, leaves), parent, items: leaves.map((leaf) => writeItem(shown, leaf)) });
}

/** The registration leaf of one version, withheld ones included (as unlisted). Throws NOT_FOUND when the hive does not have it. */
export function writeRegistrationLeaf(
  document: StoredDocument,
  hive: Hive,
  view: IndexView,
  version: string,
): WrittenIndex {
  const { id, leaves } = readRegistration(document);
  const shown = { id, hive, view, leaves };
  const leaf = leaves.find((one) => one.urlVersion === version && (HIVES[hive].semVer2 || !one.semVer2));
  if (!leaf) throw refuse("NOT_FOUND", { what: `${id} ${version.slice(0, 100)}` });
  const item = writeItem(shown, leaf);
  const { listed, published } = item.catalogEntry as { listed?: unknown; published?: unknown };
  return asDocument({ ...item, "@type": ["Package", "catalog:Permalink"], listed, published });
}

function hiveView(document: StoredDocument, hive: Hive, view: IndexView): HiveView {
  const { id, leaves } = readRegistration(document);
  const held = leaves.filter((leaf) => HIVES[hive].semVer2 || !leaf.semVer2);
  const offered = offeredLeaves(held, view);
  if (offered.length === held.length) return { id, hive, view, leaves: held };
  const kept = new Set(offered);
  return { id, hive, view, leaves: held.filter((leaf) => kept.has(leaf) || !isLeftOut(leaf, offered)) };
}

function pageHead({ id, hive, view }: HiveView, leaves: readonly Leaf[]) {
  const [lower, upper] = [leaves[0]!.urlVersion, leaves.at(-1)!.urlVersion];
  const url = pageUrl(view.base, hive, id, lower, upper);
  return { "@id": url, "@type": "catalog:CatalogPage", count: leaves.length, lower, upper };
}

function writeItem({ id, hive, view }: HiveView, leaf: Leaf) {
  const packageContent = packageUrl(view.base, id, leaf.urlVersion);
  const decision = view.decide(leaf.artifact);
  const entry = { ...leaf.entry, packageContent, ...ownDependencies(leaf.entry, hive, view) };
  return {
    "@id": leafUrl(view.base, hive, id, leaf.urlVersion),
    "@type": "Package",
    catalogEntry: isWithheld(decision) ? { ...entry, ...withheldMarks(leaf, decision, view) } : entry,
    packageContent,
    registration: registrationUrl(view.base, hive, id),
  };
}

/** Unlisted keeps every resolver from choosing it; the deprecation says why to whoever looks at it. */
function withheldMarks(leaf: Leaf, decision: Decision, view: IndexView): JsonObject {
  const message = headerText(explain(decision, view.whyUrl(leaf.artifact)), 500);
  return { listed: false, published: UNLISTED_AT, deprecation: { reasons: ["Other"], message } };
}

/** Dependencies name the registration of what they need; those addresses become ours. */
function ownDependencies(entry: JsonObject, hive: Hive, view: IndexView): JsonObject {
  if (!Array.isArray(entry["dependencyGroups"])) return {};
  const groups = objectsOf(entry["dependencyGroups"]).map((group) => {
    if (!Array.isArray(group["dependencies"])) return group;
    const dependencies = objectsOf(group["dependencies"]).map((dependency) => {
      const { registration, ...rest } = dependency;
      const id = ownName(textOf(dependency["id"]));
      return registration === undefined || id === undefined
        ? rest
        : { ...rest, registration: registrationUrl(view.base, hive, id) };
    });
    return { ...group, dependencies };
  });
  return { dependencyGroups: groups };
}

function ownName(name: string | undefined): string | undefined {
  try {
    return name === undefined ? undefined : normalizeName(name);
  } catch {
    return undefined;
  }
}

function isBetween(version: NuGetVersion, lower: NuGetVersion, upper: NuGetVersion): boolean {
  return compareParsed(version, lower) >= 0 && compareParsed(version, upper) <= 0;
}

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const result: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += size) result.push(items.slice(start, start + size));
  return result;
}

function asDocument(value: unknown): WrittenIndex {
  return { body: Buffer.from(JSON.stringify(value)), contentType: "application/json" };
}

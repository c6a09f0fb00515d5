import { refuse } from "../../errors.ts";
import type { FetchedArtifact, Gate, Reply } from "../ecosystem.ts";
import { packageUrl } from "./addresses.ts";
import { readRegistration } from "./stored.ts";
import { urlVersion } from "./versions.ts";
import { isWithheld } from "./withheld.ts";

/** Items on a page; a full page never changes. */
const PAGE_SIZE = 500;
/** Pages that the index counts; half a million files. */
const MAX_PAGES = 1_000;

/**
 * The catalog: what this feed has fetched, in the order in which it did, append-only. It is a catalog of a proxy: files that
 * nobody asked for are not in it.
 */
export async function writeCatalogIndex(gate: Gate): Promise<Reply> {
  const pages = [];
  for (let number = 0; number < MAX_PAGES; number++) {
    const items = await pageItems(gate, number);
    const last = items.at(-1);
    if (!last) break;
    pages.push({ "@id": pageAddress(gate, number), "@type": "CatalogPage", ...commitOf(last), count: items.length });
    if (items.length < PAGE_SIZE) break;
  }
  const { commitId, commitTimeStamp } = pages.at(-1) ?? commitOf(undefined);
  return json({
    "@id": `${gate.base}/v3/catalog/index.json`,
    commitId,
    commitTimeStamp,
    count: pages.length,
    items: pages,
  });
}

/** A page (`page0.json`) or an item (`item17.json`, by its position). Throws NOT_FOUND. */
export async function writeCatalogDocument(gate: Gate, file: string): Promise<Reply> {
  const [, kind, digits = ""] = /^(page|item)(0|[1-9]\d{0,8})\.json$/.exec(file) ?? [];
  const number = Number(digits);
  if (kind === "page") return writePage(gate, number);
  if (kind === "item") return writeItem(gate, number);
  throw missing(file);
}

async function writePage(gate: Gate, number: number): Promise<Reply> {
  const items = await pageItems(gate, number);
  const last = items.at(-1);
  if (!last) throw missing(`page${number}.json`);
  return json({
    "@id": pageAddress(gate, number),
    "@type": "CatalogPage",
    ...commitOf(last),
    count: items.length,
    parent: `${gate.base}/v3/catalog/index.json`,
    items: items.map((item, index) => ({
      "@id": itemAddress(gate, number * PAGE_SIZE + index),
      "@type": "nuget:PackageDetails",
      ...commitOf(item),
      "nuget:id": item.name,
      "nuget:version": item.version,
    })),
  });
}

/** The item's metadata as the registration has it, with the digest and size of the bytes that this feed serves. */
async function writeItem(gate: Gate, position: number): Promise<Reply> {
  const [item] = await fetched(gate, position, 1);
  if (!item) throw missing(`item${position}.json`);
  const { document, view } = await gate.project(item.name);
  const leaf = readRegistration(document).leaves.find((one) => one.urlVersion === urlVersion(item.version));
  const withheld = leaf === undefined || isWithheld(view.decide(leaf.artifact));
  const { commitId, commitTimeStamp } = commitOf(item);
  return json({
    ...leaf?.entry,
    "@id": itemAddress(gate, position),
    "@type": ["PackageDetails", "catalog:Permalink"],
    "catalog:commitId": commitId,
    "catalog:commitTimeStamp": commitTimeStamp,
    id: leaf?.entry["id"] ?? item.name,
    version: leaf?.entry["version"] ?? item.version,
    published: leaf?.entry["published"] ?? commitTimeStamp,
    listed: !withheld && leaf.listed,
    packageContent: packageUrl(gate.base, item.name, urlVersion(item.version)),
    packageHash: Buffer.from(item.sha256, "hex").toString("base64"),
    packageHashAlgorithm: "SHA256",
    packageSize: item.size,
  });
}

function pageItems(gate: Gate, number: number): Promise<readonly FetchedArtifact[]> {
  return fetched(gate, number * PAGE_SIZE, PAGE_SIZE);
}

async function fetched(gate: Gate, skip: number, limit: number): Promise<readonly FetchedArtifact[]> {
  if (!gate.fetched) throw missing("catalog");
  return gate.fetched(skip, limit);
}

/** One commit a file: its time, and an id that follows from the bytes. */
function commitOf(item: FetchedArtifact | undefined) {
  return {
    commitId: uuidOf(item?.sha256 ?? ""),
    commitTimeStamp: new Date(item?.fetchedAt ?? 0).toISOString(),
  };
}

function uuidOf(hex: string): string {
  const digits = hex.padEnd(32, "0");
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20, 32),
  ].join("-");
}

function pageAddress(gate: Gate, number: number): string {
  return `${gate.base}/v3/catalog/page${number}.json`;
}

function itemAddress(gate: Gate, position: number): string {
  return `${gate.base}/v3/catalog/item${position}.json`;
}

function missing(what: string): Error {
  return refuse("NOT_FOUND", { what: `the catalog document ${what.slice(0, 60)}` });
}

function json(value: unknown): Reply {
  return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(value)) };
}

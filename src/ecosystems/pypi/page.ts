import type { Decision, ListedArtifact } from "../../catalog/model.ts";
import type { IndexView, StoredDocument, WrittenIndex } from "../ecosystem.ts";
import { escapeHtml } from "./html.ts";
import { readListing } from "./listing.ts";
import { normalizeName } from "./names.ts";
import { HTML, JSON_V1 } from "./negotiate.ts";
import { openStored, type SimpleFile, type SimpleProject } from "./simple.ts";
import { versionKey } from "./versions.ts";

/** The version of the Simple API that our pages speak (PEP 629). */
export const API_VERSION = "1.4";
/** Segment of the address of a withheld file. */
export const BLOCKED_SEGMENT = "BLOCKED-BY-PORTCULLIS";

/**
 * The Simple project page for one view. A withheld file is listed as yanked with the reason, under an address that names it, where
 * the view asks for that, and is left out otherwise; everything else is as upstream has it, with our addresses.
 * Forms: `simple-json` (PEP 691), `simple-html` (PEP 503).
 */
export function writeIndex(document: StoredDocument, form: string, view: IndexView): WrittenIndex {
  const project = openStored(document);
  const files = filesFor(document, view);
  const page: Page = { name: normalizeName(project.name), project, files, versions: versionsOf(project, files) };
  const headers = project.lastSerial === undefined ? {} : { "x-pypi-last-serial": String(project.lastSerial) };
  return form === "simple-json"
    ? { body: Buffer.from(writeJson(page)), contentType: JSON_V1, headers }
    : { body: Buffer.from(writeHtml(page)), contentType: HTML, headers };
}

/** The files of a document as one view has them: our addresses, what is withheld left out or marked. */
export function filesFor(document: StoredDocument, view: IndexView): readonly SimpleFile[] {
  const project = openStored(document);
  const { artifacts } = readListing(document);
  const name = normalizeName(project.name);
  return project.files.flatMap((file, at) => fileFor(file, artifacts[at]!, name, view) ?? []);
}

/** The page of all names (PEP 503 root, PEP 691 project list), in one of the two forms. */
export function writeNames(form: string, names: readonly string[]): string {
  if (form === "simple-json") {
    return JSON.stringify({ meta: { "api-version": API_VERSION }, projects: names.map((name) => ({ name })) });
  }
  return frame(
    "Simple index",
    "",
    names.map((name) => `<a href="${name}/">${name}</a><br>`),
  );
}

interface Page {
  readonly name: string;
  readonly project: SimpleProject;
  readonly files: readonly SimpleFile[];
  readonly versions: readonly string[];
}

function fileFor(file: SimpleFile, artifact: ListedArtifact, name: string, view: IndexView): SimpleFile | undefined {
  const decision = view.decide(artifact);
  const { uploadTime: told, ...untimed } = file;
  const uploadTime = (view.distrustsTimes ? undefined : told) ?? timeOf(view.firstSeen?.(artifact));
  const timed = { ...untimed, ...(uploadTime !== undefined && { uploadTime }) };
  if (!isWithheld(decision)) {
    const provenance = `${view.base}/integrity/${name}/${encodeURIComponent(file.version)}/${encodeURIComponent(file.filename)}/provenance`;
    return {
      ...timed,
      url: fileUrl(view.base, name, file.filename),
      coreMetadata: file.coreMetadata || coreMetadataOf(artifact, view),
      ...(file.provenance !== undefined && { provenance }),
    };
  }
  if (!view.showWithheld) return undefined;
  const { provenance: _, ...shown } = timed;
  return {
    ...shown,
    url: fileUrl(view.base, name, file.filename, decision),
    yanked: yankReason(decision, view.whyUrl(artifact)),
    // Without a metadata file clients go straight to the file and print our refusal of it (README.md).
    coreMetadata: false,
  };
}

/** What inspection took out of the wheel: resolvers then read a few KB instead of fetching every candidate (PEP 658). */
function coreMetadataOf(artifact: ListedArtifact, view: IndexView): SimpleFile["coreMetadata"] {
  const sha256 = view.coreMetadata?.(artifact);
  return sha256 === undefined ? false : { sha256 };
}

/** That of a withheld file says so and leads to the same answer: some clients print nothing but the address. */
function fileUrl(base: string, name: string, filename: string, withheld?: Decision): string {
  const folder = withheld === undefined ? "" : `${BLOCKED_SEGMENT}/${withheld.code}/`;
  return `${base}/files/${name}/${folder}${encodeURIComponent(filename)}`;
}

/** The decision's sentence and the page that shows the evidence. */
function yankReason(decision: Decision, whyUrl: string): string {
  return `${decision.sentence.replace(/[.\s]+$/, "")}. See ${whyUrl}`;
}

function isWithheld(decision: Decision): boolean {
  return decision.state === "held" || decision.state === "blocked";
}

/** Upstream's versions without those whose files are all left out; versions that never had files stay. */
function versionsOf(project: SimpleProject, files: readonly SimpleFile[]): readonly string[] {
  const shown = new Map(files.map((file) => [versionKey(file.version), file.version]));
  const hidden = new Set(project.files.map((file) => versionKey(file.version)).filter((key) => !shown.has(key)));
  const listed = (project.versions ?? []).filter((version) => !hidden.has(versionKey(version)));
  const known = new Set(listed.map(versionKey));
  return [...listed, ...[...shown].filter(([key]) => !known.has(key)).map(([, version]) => version)];
}

function timeOf(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}

function writeJson({ name, project, files, versions }: Page): string {
  return JSON.stringify({
    meta: {
      "api-version": API_VERSION,
      ...(project.lastSerial !== undefined && { "_last-serial": project.lastSerial }),
    },
    name,
    versions,
    files: files.map(writeJsonFile),
    "project-status": project.status ?? { status: "active" },
  });
}

function writeJsonFile(file: SimpleFile): unknown {
  return {
    filename: file.filename,
    url: file.url,
    hashes: file.hashes,
    "requires-python": file.requiresPython ?? null,
    ...(file.size !== undefined && { size: file.size }),
    ...(file.uploadTime !== undefined && { "upload-time": file.uploadTime }),
    yanked: file.yanked,
    // Both keys: clients written before PEP 714 know only the second.
    "core-metadata": file.coreMetadata,
    "data-dist-info-metadata": file.coreMetadata,
    provenance: file.provenance ?? null,
  };
}

function writeHtml({ name, project, files }: Page): string {
  const { status = "active", reason } = project.status ?? {};
  const metas = [
    ...(status === "active" ? [] : [meta("pypi:project-status", status)]),
    ...(reason === undefined ? [] : [meta("pypi:project-status-reason", reason)]),
  ];
  return frame(`Links for ${name}`, metas.join(""), files.map(writeAnchor));
}

function writeAnchor(file: SimpleFile): string {
  const [digest] = Object.entries(file.hashes).map(([algorithm, hex]) => `${algorithm}=${hex}`);
  const metadata = metadataAttribute(file.coreMetadata);
  const attributes = [
    attribute("href", digest === undefined ? file.url : `${file.url}#${digest}`),
    attribute("data-requires-python", file.requiresPython),
    attribute("data-yanked", file.yanked === true ? "" : file.yanked || undefined),
    attribute("data-dist-info-metadata", metadata),
    attribute("data-core-metadata", metadata),
    attribute("data-provenance", file.provenance),
  ];
  return `<a${attributes.join("")}>${escapeHtml(file.filename)}</a><br>`;
}

function metadataAttribute(metadata: SimpleFile["coreMetadata"]): string | undefined {
  if (typeof metadata === "boolean") return metadata ? "true" : undefined;
  const [digest] = Object.entries(metadata);
  return digest === undefined ? undefined : digest.join("=");
}

function attribute(name: string, value: string | undefined): string {
  return value === undefined ? "" : ` ${name}="${escapeHtml(value)}"`;
}

function meta(name: string, content: string): string {
  return `    <meta${attribute("name", name)}${attribute("content", content)}>\n`;
}

function frame(title: string, metas: string, lines: readonly string[]): string {
  return `<!DOCTYPE html>
<html>
  <head>
${meta("pypi:repository-version", API_VERSION)}${metas}    <title>${title}</title>
  </head>
  <body>
    <h1>${title}</h1>
${lines.join("\n")}
  </body>
</html>
`;
}

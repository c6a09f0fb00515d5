import { Refusal, refuse } from "../../errors.ts";
import type { AskRequest, Gate, Reply, Route } from "../ecosystem.ts";
import { printsAddressOnly } from "./clients.ts";
import { jsonDocument } from "./json-api.ts";
import { normalizeName } from "./names.ts";
import { HTML, HTML_V1, JSON_V1, negotiate, type Offer } from "./negotiate.ts";
import { BLOCKED_SEGMENT, writeNames } from "./page.ts";

/** Names read at a time for the page of all names. */
const NAMES_AT_ONCE = 10_000;

/** The read side of PyPI's protocols, and clear words for what is not served. README.md lists them with the PEPs. */
export const routes: readonly Route[] = [
  { method: "GET", path: "/simple", handle: async (gate) => moved(301, `${gate.base}/simple/`) },
  { method: "GET", path: "/simple/", handle: allNames },
  { method: "GET", path: "/simple/:name", handle: async (gate, request) => moved(301, pageUrl(gate, request)) },
  { method: "GET", path: "/simple/:name/", handle: projectPage },
  { method: "GET", path: "/files/:name/:filename", handle: plainFile },
  { method: "GET", path: `/files/:name/${BLOCKED_SEGMENT}/:code/:filename`, handle: file },
  { method: "GET", path: "/integrity/:name/:version/:filename/provenance", handle: provenance },
  { method: "GET", path: "/pypi/:name/json", handle: projectJson },
  { method: "GET", path: "/pypi/:name/:version/json", handle: projectJson },
  { method: "POST", path: "/legacy", handle: async (gate) => moved(308, `${gate.base}/legacy/`) },
  { method: "POST", path: "/legacy/", handle: refuseUpload },
  { method: "POST", path: "/", handle: refuseXmlRpc },
  { method: "POST", path: "/pypi", handle: refuseXmlRpc },
  { method: "POST", path: "/pypi/", handle: refuseXmlRpc },
];

async function allNames(gate: Gate, request: AskRequest): Promise<Reply> {
  const offer = negotiate(request.header("accept"), request.query["format"]);
  if (offer === undefined) return notAcceptable();
  const names: string[] = [];
  for (;;) {
    const more = await gate.names(NAMES_AT_ONCE, names.at(-1));
    names.push(...more);
    if (more.length < NAMES_AT_ONCE) break;
  }
  const body = Buffer.from(writeNames(offer.form, names));
  return {
    status: 200,
    headers: { "content-type": offer.contentType, vary: "Accept", "cache-control": "no-cache" },
    body,
  };
}

async function projectPage(gate: Gate, request: AskRequest): Promise<Reply> {
  const name = normalizeName(request.params["name"]!);
  if (name !== request.params["name"]) return moved(301, pageUrl(gate, request));
  const offer = negotiate(request.header("accept"), request.query["format"]);
  if (offer === undefined) return notAcceptable();
  return sentAs(await gate.index(name, offer.form), offer);
}

/** PEP 503: the normalised name, with the slash. The `format` parameter of PEP 691 goes along. */
function pageUrl(gate: Gate, request: AskRequest): string {
  const { format } = request.query;
  const query = format === undefined ? "" : `?format=${encodeURIComponent(format)}`;
  return `${gate.base}/simple/${normalizeName(request.params["name"]!)}/${query}`;
}

/** One body serves both HTML types; as representations they differ, so their validators do. */
function sentAs(reply: Reply, { contentType }: Offer): Reply {
  const { body } = reply;
  const vary = reply.headers["vary"] ?? "Accept";
  const headers = { "cache-control": "no-cache", ...reply.headers, "content-type": contentType, vary };
  if (contentType !== HTML_V1 || typeof body !== "object" || !("kind" in body) || body.kind !== "prepared") {
    return { ...reply, headers };
  }
  return { ...reply, headers, body: { ...body, etag: `${body.etag}-v1` } };
}

/** A refusal that nobody would see is given at an address that says by itself what happened. */
async function plainFile(gate: Gate, request: AskRequest): Promise<Reply> {
  try {
    return await file(gate, request);
  } catch (error) {
    const isWithheld = error instanceof Refusal && error.code === "WITHHELD";
    if (!isWithheld || !printsAddressOnly(request.header("user-agent") ?? "")) throw error;
    const { name = "", filename = "" } = request.params;
    return moved(
      302,
      `${gate.base}/files/${normalizeName(name)}/${BLOCKED_SEGMENT}/withheld/${encodeURIComponent(filename)}`,
    );
  }
}

/** `FILENAME` is inspected first; `FILENAME.metadata` (PEP 658) is offered iff the file is. */
async function file(gate: Gate, request: AskRequest): Promise<Reply> {
  const name = normalizeName(request.params["name"]!);
  const filename = request.params["filename"]!;
  // No distribution ends in .metadata (files.ts), so the suffix cannot hide one.
  if (!filename.endsWith(".metadata")) return gate.file(name, filename);
  return gate.sideFile(name, filename.slice(0, -".metadata".length), ".metadata");
}

/** PEP 740: attestations as upstream signed them. */
async function provenance(gate: Gate, request: AskRequest): Promise<Reply> {
  const { name = "", filename = "" } = request.params;
  const reply = await gate.sideFile(normalizeName(name), filename, ".provenance");
  return { ...reply, headers: { ...reply.headers, "content-type": "application/vnd.pypi.integrity.v1+json" } };
}

async function projectJson(gate: Gate, request: AskRequest): Promise<Reply> {
  return jsonDocument(gate, normalizeName(request.params["name"]!), request.params["version"]);
}

async function refuseUpload(): Promise<Reply> {
  throw refuse("UNSUPPORTED", { what: "Uploading to this feed" });
}

/** Clients print the fault of a 200 and nothing of any other status. */
async function refuseXmlRpc(): Promise<Reply> {
  const says = "The XML-RPC interface is not supported; use the Simple API or the JSON API instead";
  const member = (name: string, value: string): string =>
    `<member><name>${name}</name><value>${value}</value></member>`;
  const fault = `<struct>${member("faultCode", "<int>-32500</int>")}${member("faultString", `<string>${says}</string>`)}</struct>`;
  const body = `<?xml version="1.0"?>\n<methodResponse><fault><value>${fault}</value></fault></methodResponse>\n`;
  return { status: 200, headers: { "content-type": "text/xml", "cache-control": "no-store" }, body };
}

function notAcceptable(): Reply {
  const body = `This page comes as ${JSON_V1}, ${HTML_V1} or ${HTML}\n`;
  const headers = { "content-type": "text/plain; charset=utf-8", vary: "Accept", "cache-control": "no-cache" };
  return { status: 406, reason: "No content type that the request accepts", headers, body };
}

function moved(status: 301 | 302 | 308, location: string): Reply {
  return { status, headers: { location, "cache-control": "no-cache" } };
}

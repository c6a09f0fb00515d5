import { gzipSync } from "node:zlib";
import { refuse } from "../../errors.ts";
import type { AskRequest, Gate, Reply, Route } from "../ecosystem.ts";
import { HIVE_NAMES, HIVES, type Hive } from "./addresses.ts";
import { writeCatalogDocument, writeCatalogIndex } from "./catalog.ts";
import { fileNameOf, normalizeName } from "./names.ts";
import { writeRegistrationLeaf, writeRegistrationPage } from "./registration.ts";
import { autocomplete, search, upstreamServices } from "./search.ts";
import { writeServiceIndex } from "./service-index.ts";
import { urlVersion } from "./versions.ts";
import { writeVulnerabilityFile, writeVulnerabilityIndex } from "./vulnerabilities.ts";

type Handle = Route["handle"];

/** Everything served below `/v3/`; README.md lists it for people. */
export const routes: readonly Route[] = [
  get("/v3/index.json", async (gate) => json(writeServiceIndex(gate))),
  get("/v3/flat/:id/index.json", (gate, { params }) => gate.index(normalizeName(params["id"]!), "flat-container")),
  get("/v3/flat/:id/:version/:file", flatFile),
  ...HIVE_NAMES.flatMap(hiveRoutes),
  get("/v3/query", search),
  get("/v3/autocomplete", autocomplete),
  get("/v3/vulnerabilities/index.json", (gate) => writeVulnerabilityIndex(gate)),
  get("/v3/vulnerabilities/:file", (gate, { params }) => writeVulnerabilityFile(gate, params["file"]!)),
  get("/v3/catalog/index.json", (gate) => writeCatalogIndex(gate)),
  get("/v3/catalog/:file", (gate, { params }) => writeCatalogDocument(gate, params["file"]!)),
  get("/v3/repository-signatures/:version/index.json", repositorySignatures),
  ...publishRoutes(),
];

function hiveRoutes(hive: Hive): readonly Route[] {
  const send = HIVES[hive].gzip ? zipped : (reply: Reply) => reply;
  return [
    get(`/v3/${hive}/:id/index.json`, async (gate, { params }) =>
      send(await gate.index(normalizeName(params["id"]!), hive)),
    ),
    get(`/v3/${hive}/:id/page/:lower/:upper`, async (gate, { params }) => {
      const { document, view } = await gate.project(normalizeName(params["id"]!));
      return send(
        document200(writeRegistrationPage(document, hive, view, params["lower"]!, withoutJson(params["upper"]!))),
      );
    }),
    get(`/v3/${hive}/:id/:leaf`, async (gate, { params }) => {
      const { document, view } = await gate.project(normalizeName(params["id"]!));
      return send(document200(writeRegistrationLeaf(document, hive, view, urlVersion(withoutJson(params["leaf"]!)))));
    }),
  ];
}

/** The package or its manifest; anything else is not there. */
async function flatFile(gate: Gate, { params }: AskRequest): Promise<Reply> {
  const id = normalizeName(params["id"]!);
  const asked = params["file"]!.toLowerCase();
  const version = urlVersion(params["version"]!);
  const filename = fileNameOf(id, version);
  if (asked === filename || asked === fileNameOf(id, params["version"]!.toLowerCase())) return gate.file(id, filename);
  if (asked === `${id}.nuspec`) return manifest(gate, id, filename);
  throw refuse("ARTIFACT_NOT_FOUND", { name: id, filename: asked.slice(0, 200), feed: gate.feed });
}

async function manifest(gate: Gate, id: string, filename: string): Promise<Reply> {
  const reply = await gate.sideFile(id, filename, ".nuspec");
  // A publisher wrote it: no browser may take it for a page of ours.
  const headers = { ...reply.headers, "content-type": "application/xml", "x-content-type-options": "nosniff" };
  return { ...reply, headers };
}

/** Upstream's own list of signing certificates, byte for byte; without one, a list that vouches for nothing. */
async function repositorySignatures(gate: Gate, { params }: AskRequest): Promise<Reply> {
  const version = params["version"]!;
  if (!["4.7.0", "4.9.0", "5.0.0"].includes(version)) throw refuse("NOT_FOUND", { what: "that list of signatures" });
  const url = (await upstreamServices(gate))?.repositorySignatures[version];
  const answer = url === undefined ? undefined : await gate.passThrough(url, { accept: "application/json" });
  if (answer?.status !== 200) return json({ allRepositorySigned: false, signingCertificates: [] });
  return { status: 200, headers: { "content-type": "application/json" }, body: answer.body };
}

/** Clients find no other place to push to: a clear refusal is better than a missing resource, which they report as a broken feed. */
function publishRoutes(): readonly Route[] {
  const handle: Handle = async () => {
    throw refuse("UNSUPPORTED", { what: "Publishing to this feed" });
  };
  const places = ["/v3/package", "/v2/package", "/api/v2/package"];
  return places.flatMap((path) => [
    { method: "PUT" as const, path, handle },
    { method: "DELETE" as const, path: `${path}/:id/:version`, handle },
    { method: "POST" as const, path: `${path}/:id/:version`, handle },
  ]);
}

/** Compressed hives are compressed for everybody, as the protocol says, whatever the request accepts. */
function zipped(reply: Reply): Reply {
  const { body } = reply;
  if (reply.status !== 200 || body === undefined) return reply;
  const headers: Record<string, string> = { ...reply.headers, "content-encoding": "gzip" };
  if (typeof body === "string" || Buffer.isBuffer(body)) return { ...reply, headers, body: gzipSync(body) };
  if (body.kind === "file") return reply;
  headers["etag"] = `"${body.etag}-gz"`;
  return { ...reply, headers, body: body.gzip ?? gzipSync(body.identity) };
}

function withoutJson(text: string): string {
  if (!text.endsWith(".json")) throw refuse("NOT_FOUND", { what: text.slice(0, 100) });
  return text.slice(0, -".json".length);
}

function document200(written: { readonly body: Buffer; readonly contentType: string }): Reply {
  return { status: 200, headers: { "content-type": written.contentType }, body: written.body };
}

function json(value: unknown): Reply {
  return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(value)) };
}

function get(path: string, handle: Handle): Route {
  return { method: "GET", path, handle };
}

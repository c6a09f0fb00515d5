import { Refusal, refuse } from "../../errors.ts";
import type { AskRequest, Gate, Reply, Route } from "../ecosystem.ts";
import { wantsAbbreviated } from "./accept.ts";
import { answerBulk, answerTree } from "./audit.ts";
import { printsAddressOnly } from "./clients.ts";
import { encodeName, readName } from "./names.ts";
import { asObject, readPackument } from "./packument.ts";
import { answerSearch } from "./search.ts";
import { BLOCKED_SEGMENT, tagsOf } from "./write-packument.ts";

/** A version or dist-tag as a path segment. */
const SPEC = /^[0-9A-Za-z][0-9A-Za-z.+_~-]{0,255}$/;

/**
 * npm's protocol, read side. The first match wins, so what begins with `/-/` comes before names.
 * https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
 */
export const routes: readonly Route[] = [
  get("/", async () => json({})),
  get("/-/ping", async () => json({})),
  get("/-/whoami", async (gate) => json({ username: gate.subject.name })),
  get("/-/npm/v1/user", async (gate) =>
    json({ name: gate.subject.name, tfa: false, email: "", email_verified: false }),
  ),
  get("/-/v1/search", answerSearch),
  get("/-/npm/v1/keys", readKeys),
  get("/-/npm/v1/attestations/:spec", readAttestations),
  post("/-/npm/v1/security/advisories/bulk", answerBulk),
  post("/-/npm/v1/security/audits", answerTree),
  post("/-/npm/v1/security/audits/quick", answerTree),
  get("/-/package/:name/dist-tags", readDistTags),
  // The package called `-` has a tarball address that nothing else may catch.
  get("/-/-/:file", (gate, request) => readTarball(gate, "-", request)),
  get("/-/*rest", async (_gate, { params }) => {
    throw refuse("NOT_FOUND", { what: `/-/${params["rest"]}` });
  }),
  get("/:name", readPackumentRoute),
  get("/:name/:spec", readVersion),
  get("/:name/-/:file", (gate, request) => readTarball(gate, String(request.params["name"]), request)),
  get(`/:name/-/${BLOCKED_SEGMENT}/:code/:file`, (gate, { params }) =>
    gate.file(readName(String(params["name"])), String(params["file"])),
  ),
  // Writing is for hosted packages; a client that tries is told so at once instead of by a missing address.
  unsupported("PUT", "/:name", "Publishing to this feed"),
  unsupported("PUT", "/:name/-rev/:revision", "Changing a package on this feed"),
  unsupported("DELETE", "/:name/-rev/:revision", "Unpublishing from this feed"),
  unsupported("DELETE", "/:name/-/:file/-rev/:revision", "Unpublishing from this feed"),
  unsupported("PUT", "/-/package/:name/dist-tags/:tag", "Changing dist-tags on this feed"),
  unsupported("POST", "/-/package/:name/dist-tags/:tag", "Changing dist-tags on this feed"),
  unsupported("DELETE", "/-/package/:name/dist-tags/:tag", "Changing dist-tags on this feed"),
  unsupported("POST", "/-/v1/login", "Login with npm (use a token from `portcullis token create`)"),
  unsupported("PUT", "/-/user/:user", "Login with npm (use a token from `portcullis token create`)"),
  unsupported("PUT", "/-/user/:user/-rev/:revision", "Login with npm (use a token from `portcullis token create`)"),
  unsupported("DELETE", "/-/user/token/:token", "Logout with npm (use `portcullis token revoke`)"),
  unsupported("POST", "/-/npm/v1/user", "Changing the profile on this feed"),
  unsupported("POST", "/-/npm/v1/tokens", "Creating a token with npm (use `portcullis token create`)"),
  unsupported("DELETE", "/-/npm/v1/tokens/token/:key", "Revoking a token with npm (use `portcullis token revoke`)"),
  unsupported("POST", "/-/npm/v1/oidc/token/exchange/package/:name", "Trusted publishing to this feed"),
  unsupported("POST", "/-/stage/package/:name", "Staged publishing to this feed"),
];

/** One packument serves ranges and exact requests alike; which of its two forms is the Accept header's choice. */
async function readPackumentRoute(gate: Gate, request: AskRequest): Promise<Reply> {
  const name = readName(String(request.params["name"]));
  const form = wantsAbbreviated(request.header("accept")) ? "abbreviated" : "full";
  const reply = await gate.index(name, form);
  return { ...reply, headers: { vary: "Accept", ...reply.headers } };
}

async function readVersion(gate: Gate, { params }: AskRequest): Promise<Reply> {
  const name = readName(String(params["name"]));
  const spec = String(params["spec"]);
  if (!SPEC.test(spec)) throw refuse("NOT_FOUND", { what: `${name}@${spec.slice(0, 80)}` });
  return gate.index(name, `version:${spec}`);
}

/** A refusal that nobody would see is given at an address that says by itself what happened. */
async function readTarball(gate: Gate, name: string, request: AskRequest): Promise<Reply> {
  const file = String(request.params["file"]);
  try {
    return await gate.file(readName(name), file);
  } catch (error) {
    const isWithheld = error instanceof Refusal && error.code === "WITHHELD";
    if (!isWithheld || !printsAddressOnly(request.header("user-agent") ?? "")) throw error;
    const location = `${gate.base}/${readName(name)}/-/${BLOCKED_SEGMENT}/withheld/${encodeURIComponent(file)}`;
    return { status: 302, headers: { location, "cache-control": "no-store" } };
  }
}

async function readDistTags(gate: Gate, { params }: AskRequest): Promise<Reply> {
  const { document, view } = await gate.project(readName(String(params["name"])));
  return json(tagsOf(document, view));
}

/** Upstream's signing keys, unchanged: signatures of mirrored versions are upstream's. https://docs.npmjs.com/about-registry-signatures */
async function readKeys(gate: Gate): Promise<Reply> {
  return passedThrough(await gate.passThrough("-/npm/v1/keys", { accept: "application/json" }), "/-/npm/v1/keys");
}

/** Asked of upstream only for a version whose packument says that it has attestations: a private name is not given away. */
async function readAttestations(gate: Gate, { params }: AskRequest): Promise<Reply> {
  const spec = String(params["spec"]);
  const at = spec.indexOf("@", 1);
  const [name, version] = [readName(spec.slice(0, Math.max(at, 0))), spec.slice(at + 1)];
  const { document } = await gate.project(name);
  const attestations = readPackument(document).versions.get(version)?.dist["attestations"];
  if (typeof asObject(attestations)["url"] !== "string") throw refuse("NOT_FOUND", { what: `attestations of ${spec}` });
  const path = `-/npm/v1/attestations/${encodeName(name)}@${version}`;
  return passedThrough(await gate.passThrough(path, { accept: "application/json", project: name }), `/${path}`);
}

function passedThrough(answer: Awaited<ReturnType<Gate["passThrough"]>>, what: string): Reply {
  if (answer.status !== 200) throw refuse("NOT_FOUND", { what });
  return { status: 200, headers: { "content-type": "application/json" }, body: answer.body };
}

function get(path: string, handle: Route["handle"]): Route {
  return { method: "GET", path, handle };
}

function post(path: string, handle: Route["handle"]): Route {
  return { method: "POST", path, handle };
}

function unsupported(method: Route["method"], path: string, what: string): Route {
  return {
    method,
    path,
    handle: async () => {
      throw refuse("UNSUPPORTED", { what });
    },
  };
}

function json(value: unknown): Reply {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { checkDatabase } from "../catalog/standings.ts";
import type { Config } from "../config.ts";
import { Refusal, refuse } from "../errors.ts";
import { openFiles } from "../gate/files.ts";
import type { GateKeeping } from "../gate/open-gate.ts";
import { openViews } from "../gate/views.ts";
import type { Intake } from "../intake/intake.ts";
import { registerApi } from "./api/register.ts";
import { originReader } from "./caller.ts";
import { openMetrics } from "./metrics.ts";
import { openMount } from "./mount.ts";
import { registerPages } from "./pages.ts";

/** A listening server. */
export interface RunningServer {
  /** The URL it can be reached under on this machine, or the public one when that is set. */
  readonly url: string;
  /** The URL on this machine whatever the public one is, for the commands that speak to it. */
  readonly localUrl: string;
  readonly port: number;
  /** Stops taking requests, lets those under way end (at most ten seconds), then closes. */
  close(): Promise<void>;
}

/** Milliseconds that requests under way get to end. */
const GRACE_MS = 10_000;

/** Serves protocols, API and pages of an intake. Throws CONFIG_INVALID when the address cannot be listened on. */
export async function startServer(intake: Intake): Promise<RunningServer> {
  const { config } = intake.app;
  const keeping: GateKeeping = { intake, views: openViews(intake), files: openFiles(intake) };
  const originOf = originReader(config, config.tls !== undefined);
  const metrics = openMetrics(intake);
  const mount = openMount(keeping, originOf, metrics);
  const fastify = Fastify({
    bodyLimit: intake.app.limits.requestBytes,
    serverFactory: (handler) =>
      createServer(config, intake.app.limits.clientStallMs, (request, response) => {
        response.on("timeout", closeUnread);
        if (mount.owns(request.url ?? "/")) void mount.handle(request, response);
        else handler(request, response);
      }),
  });
  answerErrors(fastify, intake);
  let closing = false;
  fastify.get("/healthz", async () => ({ status: "ok" }));
  fastify.get("/readyz", async (_request, reply) => {
    // Ready means that this process can decide and serve what it knows; upstreams may be down.
    await checkDatabase(intake.app);
    if (closing) return reply.code(503).send({ status: "closing" });
    return { status: "ready" };
  });
  fastify.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  registerPages(fastify, keeping, originOf);
  registerApi(fastify, keeping, originOf);
  const port = await listen(fastify, config);
  const localUrl = `${config.tls ? "https" : "http"}://${printableHost(config.host)}:${port}`;
  // A certificate is for the public name, so with TLS only that can be verified.
  const verifiableUrl = config.tls && config.public_url !== undefined ? config.public_url : localUrl;
  return {
    port,
    url: config.public_url ?? localUrl,
    localUrl: verifiableUrl,
    async close() {
      closing = true;
      const cut = setTimeout(() => fastify.server.closeAllConnections(), GRACE_MS);
      fastify.server.closeIdleConnections();
      await fastify.close();
      clearTimeout(cut);
    },
  };
}

/** Whoever does not read holds memory and an open file. A connection on which nothing waits to be read is quiet because we are still at work. */
function closeUnread(socket: Socket): void {
  if (socket.writableLength > 0) socket.destroy();
}

function createServer(config: Config, clientStallMs: number, listener: RequestListener): Server {
  const server = createBoundedServer(config, listener);
  server.timeout = clientStallMs;
  return server;
}

function createBoundedServer(config: Config, listener: RequestListener): Server {
  const bounds = { requestTimeout: 120_000, headersTimeout: 30_000, keepAliveTimeout: 65_000, maxHeaderSize: 32 << 10 };
  if (!config.tls) return createHttpServer(bounds, listener);
  const { cert, key } = config.tls;
  return createHttpsServer({ ...bounds, cert: readPem("tls.cert", cert), key: readPem("tls.key", key) }, listener);
}

function readPem(where: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw refuse("CONFIG_INVALID", { where, why: (error as Error).message });
  }
}

async function listen(fastify: FastifyInstance, config: Config): Promise<number> {
  try {
    await fastify.listen({ host: config.host, port: config.port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? `another program listens on ${config.host}:${config.port} already` : message;
    throw refuse("CONFIG_INVALID", { where: "port", why });
  }
  const address = fastify.server.address();
  return typeof address === "object" && address ? address.port : config.port;
}

/** Refusals as problem documents (RFC 9457); everything else is our fault and told by a reference alone. */
function answerErrors(fastify: FastifyInstance, intake: Intake): void {
  fastify.setNotFoundHandler((request) => {
    throw refuse("NOT_FOUND", { what: request.url.replace(/[^\x20-\x7e]/g, "?").slice(0, 200) });
  });
  fastify.setErrorHandler((error: unknown, request, reply) => {
    const refusal = asRefusal(error);
    const reference = randomUUID();
    if (!refusal) intake.app.log.error({ err: error, reference, url: request.url }, "a request failed");
    const told = refusal ?? refuse("INTERNAL", { reference });
    if (told.status === 401) reply.header("www-authenticate", 'Basic realm="Portcullis", charset="UTF-8"');
    if (told.retryAfter !== undefined) reply.header("retry-after", String(told.retryAfter));
    return reply
      .code(told.status)
      .type("application/problem+json")
      .send(
        JSON.stringify({
          title: told.message,
          status: told.status,
          code: told.code,
          detail: told.hint,
          params: told.params,
        }),
      );
  });
}

function asRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode === 413) return refuse("TOO_LARGE", { what: "the request", limit: "limits.requestBytes" });
  if (statusCode === 415) return refuse("NOT_JSON");
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return refuse("BAD_REQUEST", { why: message ?? "it is malformed" });
  return undefined;
}

function printableHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

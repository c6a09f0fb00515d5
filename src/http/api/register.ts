import type { FastifyInstance, FastifyRequest } from "fastify";
import type { z } from "zod";
import { identify, requireAdmin } from "../../accounts/credentials.ts";
import type { Subject } from "../../catalog/model.ts";
import { refuse } from "../../errors.ts";
import type { GateKeeping } from "../../gate/open-gate.ts";
import type { Origin } from "../caller.ts";
import { API_ROUTES } from "./index.ts";
import { openApiDocument } from "./openapi.ts";
import type { ApiRoute } from "./route.ts";

/** Registers `/api/v1/…` and its description. Bodies and queries are read by their schemas; what does not fit is BAD_REQUEST with the place. */
export function registerApi(
  fastify: FastifyInstance,
  keeping: GateKeeping,
  originOf: (request: FastifyRequest["raw"]) => Origin,
): void {
  const document = JSON.stringify(openApiDocument(API_ROUTES), undefined, 2);
  fastify.get("/api/v1/openapi.json", async (_request, reply) => reply.type("application/json").send(document));
  for (const route of API_ROUTES)
    fastify.route({
      method: route.method,
      url: `/api/v1${route.path}`,
      handler: async (request, reply) => {
        const subject = permitted(keeping, route, request);
        reply.header("cache-control", "no-store").code(route.status ?? 200);
        const answer = await route.handle({
          keeping,
          subject,
          root: originOf(request.raw).root,
          reply,
          params: readPart(route.params, request.params, "address") as never,
          query: readPart(route.query, request.query, "query") as never,
          body: readPart(route.body, request.body ?? {}, "body") as never,
        });
        if (reply.sent || answer === reply) return reply;
        if (answer === undefined) return reply.code(204).send();
        return reply.type("application/json").send(JSON.stringify(answer));
      },
    });
}

function permitted(keeping: GateKeeping, route: ApiRoute, request: FastifyRequest): Subject {
  const { app } = keeping.intake;
  const subject = identify(app, (name) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  });
  if (route.access === "admin") requireAdmin(subject, route.summary.charAt(0).toLowerCase() + route.summary.slice(1));
  if (route.access === "read" && subject.kind === "anonymous" && !app.config.anonymous_reading)
    throw refuse("TOKEN_REQUIRED");
  return subject;
}

function readPart(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined;
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = [where, ...(issue?.path ?? [])].join(".");
  throw refuse("BAD_REQUEST", { why: `${place}: ${issue?.message ?? "is malformed"}` });
}

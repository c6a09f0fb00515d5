import { z } from "zod";
import { REFUSALS } from "../../errors.ts";
import type { ApiRoute } from "./route.ts";

/** The OpenAPI 3.1 description of the API, from the same objects that serve it. */
export function openApiDocument(routes: readonly ApiRoute[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(/:(\w+)/g, "{$1}")}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Portcullis",
      version: "1",
      description:
        "What Portcullis knows and decides. Every call that changes something needs an administrator's token.",
    },
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Problem: PROBLEM },
    },
  };
}

const PROBLEM = {
  description: "A refusal (RFC 9457).",
  type: "object",
  properties: {
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", enum: Object.keys(REFUSALS) },
    detail: { type: "string" },
    params: { type: "object" },
  },
  required: ["title", "status", "code"],
};

function operation(route: ApiRoute): object {
  const status = route.status ?? (route.answer || route.method === "GET" ? 200 : 204);
  return {
    summary: route.summary,
    ...(route.access !== "open" && { security: route.access === "admin" ? [{ token: [] }] : [{}, { token: [] }] }),
    parameters: [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query")],
    ...(route.body && {
      requestBody: { required: true, content: { "application/json": { schema: schemaOf(route.body) } } },
    }),
    responses: {
      [status]: {
        description: "Well.",
        ...(route.answer && { content: { "application/json": { schema: schemaOf(route.answer) } } }),
      },
      default: {
        description: "Refused.",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function parametersOf(schema: z.ZodType | undefined, place: "path" | "query"): object[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema) as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: one,
  }));
}

function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return rest;
}

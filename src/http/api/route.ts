import type { FastifyReply } from "fastify";
import type { z } from "zod";
import type { Subject } from "../../catalog/model.ts";
import type { GateKeeping } from "../../gate/open-gate.ts";

/** One address of the API: its description in the OpenAPI document and its handler come from the same object. */
export interface ApiRoute {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/api/v1`, with `:params`. */
  readonly path: string;
  readonly summary: string;
  /** `read`: what installing needs; `admin`: an administrator's token, because something changes or is secret. */
  readonly access: "open" | "read" | "admin";
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** What the answer looks like; absent for a stream. */
  readonly answer?: z.ZodType;
  readonly status?: 200 | 201 | 204;
  handle(request: ApiRequest): Promise<unknown>;
}

export interface ApiRequest {
  readonly keeping: GateKeeping;
  readonly subject: Subject;
  readonly params: never;
  readonly query: never;
  readonly body: never;
  /** URL of the server as the caller reached it. */
  readonly root: string;
  readonly reply: FastifyReply;
}

/** Ties the types of a route's schemas to its handler. */
export function apiRoute<
  Params extends z.ZodType = z.ZodType<unknown>,
  Query extends z.ZodType = z.ZodType<unknown>,
  Body extends z.ZodType = z.ZodType<unknown>,
  Answer extends z.ZodType = z.ZodType<unknown>,
>(
  route: Omit<ApiRoute, "handle" | "params" | "query" | "body" | "answer"> & {
    readonly params?: Params;
    readonly query?: Query;
    readonly body?: Body;
    readonly answer?: Answer;
    handle(
      request: Omit<ApiRequest, "params" | "query" | "body"> & {
        readonly params: z.infer<Params>;
        readonly query: z.infer<Query>;
        readonly body: z.infer<Body>;
      },
    ): Promise<z.infer<Answer>>;
  },
): ApiRoute {
  return route as unknown as ApiRoute;
}

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { GateKeeping } from "../../gate/open-gate.ts";
import type { Origin } from "../caller.ts";

/** Registers `/api/v1/…`. */
export function registerApi(
  _fastify: FastifyInstance,
  _keeping: GateKeeping,
  _originOf: (request: FastifyRequest["raw"]) => Origin,
): void {}

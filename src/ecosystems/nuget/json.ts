import { refuse } from "../../errors.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses an upstream's JSON document; throws UPSTREAM_UNAVAILABLE when it is not a JSON object. */
export function readJsonObject(body: Buffer, what: string): JsonObject {
  const value = readJson(body, what);
  if (!isObject(value)) throw unusable(what, "it is not a JSON object");
  return value;
}

/** Parses an upstream's JSON document of any kind; throws UPSTREAM_UNAVAILABLE when it is not JSON. */
export function readJson(body: Buffer, what: string): unknown {
  try {
    // Some servers send a byte order mark.
    return JSON.parse(body.toString("utf8").replace(/^\ufeff/, ""));
  } catch {
    throw unusable(what, "it is not JSON");
  }
}

/** The refusal for an upstream document that cannot be used. */
export function unusable(what: string, why: string): Error {
  return refuse("UPSTREAM_UNAVAILABLE", { upstream: "nuget", what: what.slice(0, 300), why }, 30);
}

/** Whether a value is a JSON object and no array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of an array; empty for everything else. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A non-empty string, else undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A string as the absolute http(s) address it is, else undefined. */
export function httpUrlOf(value: unknown, base?: string): string | undefined {
  const url = typeof value === "string" ? URL.parse(value, base) : null;
  return url?.protocol === "https:" || url?.protocol === "http:" ? url.href : undefined;
}

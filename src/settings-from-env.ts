import { z } from "zod";
import { configSchema } from "./config.ts";
import { refuse } from "./errors.ts";

/** Variables that commands read themselves. */
const OTHERS = new Set(["PORTCULLIS_CONFIG", "PORTCULLIS_URL", "PORTCULLIS_TOKEN", "PORTCULLIS_TOKEN_FILE"]);
const PREFIX = "PORTCULLIS_";

/**
 * Settings from `PORTCULLIS_…` variables: `__` between levels, lists separated by commas, `PORTCULLIS_POLICY__HOLD_AT=0.4`,
 * `PORTCULLIS_FEEDS__MY_TEAM__POLICY__MODE=audit` (the feed my-team). Throws CONFIG_INVALID with the variable's name when it
 * names no setting or its value cannot be one.
 */
export function settingsFromEnv(env: Readonly<Record<string, string | undefined>>): Settings {
  const settings: Settings = {};
  const variables = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !OTHERS.has(name));
  if (variables.length === 0) return settings;
  const root = z.toJSONSchema(configSchema, { io: "input" }) as Schema;
  for (const variable of variables.sort()) {
    const { keys, schema } = resolve(variable, root);
    put(settings, keys, readValue(variable, env[variable] ?? "", schema));
  }
  return settings;
}

/** Settings by name, nested as in the file, before the schema has read them. */
export type Settings = { [name: string]: unknown };

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly propertyNames?: { readonly enum?: readonly string[] };
  readonly items?: Schema;
}

function resolve(variable: string, root: Schema): { keys: readonly string[]; schema: Schema } {
  const keys: string[] = [];
  let schema = root;
  for (const part of variable.slice(PREFIX.length).toLowerCase().split("__")) {
    const names = Object.keys(schema.properties ?? {}).concat(schema.propertyNames?.enum ?? []);
    const known = names.find((name) => name.toLowerCase() === part);
    const isFree = names.length === 0 && typeof schema.additionalProperties === "object" && part !== "";
    const key = known ?? (isFree ? part.replaceAll("_", "-") : undefined);
    if (key === undefined) throw refuse("CONFIG_INVALID", { where: variable, why: "no setting has this name" });
    keys.push(key);
    schema = schema.properties?.[key] ?? (schema.additionalProperties as Schema);
  }
  return { keys, schema };
}

function readValue(variable: string, text: string, { type, items }: Schema): unknown {
  switch (type) {
    case "integer":
    case "number":
      return text.trim() === "" ? text : Number(text);
    case "boolean":
      return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : text;
    case "array":
      if (items?.type !== "string") break;
      return text.split(",").flatMap((item) => item.trim() || []);
    case "object":
      break;
    default:
      return text;
  }
  throw refuse("CONFIG_INVALID", { where: variable, why: "this can be set in the configuration file only" });
}

function put(settings: Settings, [key, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    settings[key!] = value;
    return;
  }
  if (!Object.hasOwn(settings, key!)) settings[key!] = {};
  put(settings[key!] as Settings, rest, value);
}

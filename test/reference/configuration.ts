import { z } from "zod";
import { configSchema } from "../../src/config.ts";
import { code, codeBlock, page, plain, table } from "./markdown.ts";

/** One setting as a person writes it. */
export interface Setting {
  /** Names from the top, `NAME` for a table's free key, `[]` for an element of a list. */
  readonly path: readonly string[];
  readonly type: string;
  /** As in TOML; undefined when there is none. */
  readonly default: string | undefined;
  readonly description: string;
  /** Undefined for what only the file can say: elements of a list of tables. */
  readonly variable: string | undefined;
}

/** Every setting of the schema, nested ones included, in its order. */
export function settings(): readonly Setting[] {
  return settingsIn(z.toJSONSchema(configSchema, { io: "input" }) as Schema, [], "");
}

/** docs/reference/configuration.md */
export function configurationPage(): string {
  const all = settings();
  const groups = Map.groupBy(all, ({ path }) => tableOf(path));
  const sections = [...groups].map(([name, members]) => {
    const rows = members.map((one) => [
      code(one.path.at(-1)!),
      one.type,
      one.default === undefined ? "" : code(one.default),
      one.description,
      one.variable === undefined ? "file only" : code(one.variable),
    ]);
    const title = `## ${name === "" ? "Top level" : code(name)}`;
    const titles = ["Setting", "Type", "Default", "What it says", "Variable"];
    return [title, NOTES[name], table(titles, rows)].filter((part) => part !== undefined).join("\n\n");
  });
  return page("Settings", INTRODUCTION, ...sections);
}

const INTRODUCTION = `Settings come from these places; what comes later wins:

1. the defaults below;
2. the usual variables of the machine, for \`network\` alone: HTTPS_PROXY or HTTP_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS;
3. a file in TOML: the one that \`--config\` or PORTCULLIS_CONFIG names, else \`portcullis.toml\` in the working folder, else the one in the
   data folder;
4. variables that begin with PORTCULLIS_, as below;
5. flags of \`portcullis serve\`: ${[
  "config",
  "data",
  "host",
  "port",
  "public-url",
  "log",
  "upstream-pypi",
  "upstream-npm",
  "upstream-nuget",
]
  .map((flag) => code(`--${flag}`))
  .join(", ")}.

An upstream that none of these names is discovered from the configuration of pip, npm and NuGet on this machine. A mistake is told with
the file and line, the variable or the flag that holds it. Relative file names are relative to the file that they are written in, or to
the working folder when they come from a variable or a flag.

In variables \`__\` stands between levels, lists are separated by commas, and a feed's name is written in capitals with \`_\` for \`-\`:

${codeBlock(`PORTCULLIS_POLICY__HOLD_AT=0.4
PORTCULLIS_PRIVATE__NPM=@corp/*,corp-*
PORTCULLIS_FEEDS__MY_TEAM__POLICY__MODE=audit`)}

A duration is a number and a unit: \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`.`;

const NOTES: Readonly<Record<string, string>> = {
  "[upstream]":
    "For several upstreams of one ecosystem, or one with credentials, use `[[upstreams]]`; [policy.md](../policy.md) has examples.",
  "[feeds.NAME.policy]": "What a feed does not set is as in `[policy]`.",
  "[limits]": "Their names and defaults are in [limits.md](limits.md).",
};

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly propertyNames?: { readonly enum?: readonly string[] };
  readonly items?: Schema;
}

function settingsIn(schema: Schema, path: readonly string[], inherited: string): Setting[] {
  const description = schema.description ?? inherited;
  if (schema.properties)
    return Object.entries(schema.properties).flatMap(([name, one]) => settingsIn(one, [...path, name], description));
  if (schema.propertyNames?.enum) return [leaf({ type: "integer" }, [...path, "NAME"], description)];
  if (typeof schema.additionalProperties === "object")
    return settingsIn(schema.additionalProperties, [...path, "NAME"], description);
  if (schema.items?.properties) return settingsIn(schema.items, [...path, "[]"], description);
  return [leaf(schema, path, description)];
}

function leaf(schema: Schema, path: readonly string[], description: string): Setting {
  return {
    path,
    type: typeOf(schema),
    default: defaultOf(schema),
    description: plain(description),
    variable: variableOf(path),
  };
}

function variableOf(path: readonly string[]): string | undefined {
  return path.includes("[]") ? undefined : `PORTCULLIS_${path.map((name) => name.toUpperCase()).join("__")}`;
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map(code).join(", ");
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {}).replace(/^text$/, "texts")}`;
  if (schema.type === "integer" || schema.type === "number") return `${schema.type}${boundsOf(schema)}`;
  if (schema.type === "boolean") return "true or false";
  if (schema.format === "uri") return "URL";
  return schema.pattern?.includes("ms|s|m|h|d") ? "duration" : "text";
}

function boundsOf({ minimum, maximum }: Schema): string {
  if (minimum === undefined || maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER) return "";
  return `, ${minimum} to ${maximum}`;
}

function defaultOf(schema: Schema): string | undefined {
  return schema.default === undefined ? undefined : JSON.stringify(schema.default);
}

function tableOf(path: readonly string[]): string {
  const above = path.slice(0, -1);
  const name = above.filter((part) => part !== "[]").join(".");
  return above.includes("[]") ? `[[${name}]]` : name === "" ? "" : `[${name}]`;
}

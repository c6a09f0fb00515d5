import { resolve } from "node:path";
import type { Settings } from "./settings-from-env.ts";

/** Settings from one source. */
export interface Layer {
  readonly name: string;
  readonly settings: Settings;
  /** Where in the source a setting is, for people: `portcullis.toml:7`, `PORTCULLIS_PORT`, `--port`. */
  where(path: readonly PropertyKey[]): string;
}

/** One settings object from several, later ones over earlier ones; tables are merged, everything else replaced. */
export function mergeLayers(layers: readonly Pick<Layer, "settings">[]): Settings {
  return layers.reduce<Settings>((all, { settings }) => merge(all, settings), {});
}

/** The value at a path; undefined where nothing is set. */
export function valueAt(settings: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isContainer(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    settings,
  );
}

/** The same settings with file names made absolute: they are relative to where they are written. */
export function absolutePaths(settings: Settings, folder: string): Settings {
  const at = (path: readonly string[], value: unknown): unknown => {
    if (typeof value === "string") return FILES.has(path.join(".")) && !isUrl(value) ? resolve(folder, value) : value;
    if (Array.isArray(value)) return value.map((item) => at([...path, "[]"], item));
    if (!isTable(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, at([...path, key], item)]));
  };
  return at([], settings) as Settings;
}

/** Settings that are file names; an advisory list may be a URL instead. */
const FILES = new Set([
  "data",
  "tls.cert",
  "tls.key",
  "network.ca_file",
  "upstreams.[].password_file",
  "upstreams.[].token_file",
  "advisories.[].location",
]);

function merge(below: Settings, above: Settings): Settings {
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const under = merged.get(key);
    merged.set(key, isTable(under) && isTable(value) ? merge(under, value) : value);
  }
  return Object.fromEntries(merged);
}

function isTable(value: unknown): value is Settings {
  return isContainer(value) && !Array.isArray(value) && !(value instanceof Date);
}

function isContainer(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

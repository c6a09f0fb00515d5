import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Command } from "./run-command.ts";

/** A folder of its own for one run of one client: an application, and a home in which every cache and configuration lives. */
export interface Place {
  readonly root: string;
  /** The application. */
  readonly app: string;
  readonly home: string;
  /** URL of the gate's ecosystem, without trailing slash, e.g. `http://127.0.0.1:8321/npm`. */
  readonly url: string;
  /** What the client shows to be let in. */
  readonly token?: string;
  /** Version ranges by package name, in the ecosystem's own words. */
  readonly needs: Readonly<Record<string, string>>;
  env(extra?: Readonly<Record<string, string>>): Record<string, string>;
  command(argv: readonly string[], extra?: Readonly<Record<string, string>>): Command;
}

interface PlaceOptions extends Pick<Place, "url" | "token" | "needs"> {
  /** URL of a proxy that everything but the gate is asked through. */
  readonly strayProxy: string;
}

/** Makes an empty place below `parent`. */
export function makePlace(parent: string, options: PlaceOptions): Place {
  const root = mkdtempSync(join(parent, "place-"));
  const { strayProxy, ...rest } = options;
  const [app, home, tmp] = ["app", "home", "tmp"].map((name) => join(root, name)) as [string, string, string];
  for (const folder of [app, home, tmp]) mkdirSync(folder);
  const base = {
    PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
    HOME: home,
    USERPROFILE: home,
    TMPDIR: tmp,
    XDG_CACHE_HOME: join(home, "cache"),
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
    XDG_STATE_HOME: join(home, "state"),
    LANG: "C.UTF-8",
    CI: "1",
    NO_COLOR: "1",
    // Whatever a client asks besides the gate is seen and refused.
    HTTP_PROXY: strayProxy,
    HTTPS_PROXY: strayProxy,
    http_proxy: strayProxy,
    https_proxy: strayProxy,
    NO_PROXY: "127.0.0.1",
    no_proxy: "127.0.0.1",
  };
  const env = (extra: Readonly<Record<string, string>> = {}) => ({ ...base, ...extra });
  return { ...rest, root, app, home, env, command: (argv, extra) => ({ argv, cwd: app, env: env(extra) }) };
}

/** Removes a place with everything in it. */
export function removePlace(place: Place): void {
  rmSync(place.root, { recursive: true, force: true, maxRetries: 3 });
}

/** The parts that a client's configuration is written with: host with port, and the URL with a name and the token in it. */
export function credentialsOf(place: Place): { readonly host: string; readonly urlWithToken: string } {
  const url = new URL(`${place.url}/`);
  const { host } = url;
  if (place.token !== undefined) {
    url.username = "token";
    url.password = place.token;
  }
  return { host, urlWithToken: url.href.replace(/\/$/, "") };
}

/** The first file below `folder` for whose path `matches` holds; links are not followed, and 12 levels are enough. */
export function findFile(folder: string, matches: (path: string) => boolean, depth = 12): string | undefined {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 0) {
      const found = findFile(path, matches, depth - 1);
      if (found) return found;
    } else if (entry.isFile() && matches(path)) return path;
  }
  return undefined;
}

/** A JSON file's member as text. */
export function memberOf(path: string, member: string): string | undefined {
  const value = (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>)[member];
  return value === undefined ? undefined : String(value);
}

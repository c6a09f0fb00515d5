import type { Route } from "../ecosystems/ecosystem.ts";

/** What a path leads to: a route with its parameters, routes for other methods only, or nothing. */
export type Match =
  | { readonly kind: "route"; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: "other-method"; readonly allow: readonly string[] }
  | { readonly kind: "none" };

/** A matcher over an ecosystem's routes: literal segments before `:params`, `*rest` last; built once. */
export function routeMatcher(routes: readonly Route[]): (method: string, segments: readonly string[]) => Match {
  const patterns = routes
    .map((route) => ({ route, parts: route.path.replace(/^\//, "").split("/") }))
    .sort((a, b) => weight(b.parts) - weight(a.parts));
  return (method, segments) => {
    const allow: string[] = [];
    for (const { route, parts } of patterns) {
      const params = matchParts(parts, segments);
      if (!params) continue;
      if (route.method === method || (method === "HEAD" && route.method === "GET"))
        return { kind: "route", route, params };
      allow.push(route.method);
    }
    return allow.length > 0 ? { kind: "other-method", allow } : { kind: "none" };
  };
}

/** Earlier literal segments weigh more, so that `/-/ping` is tried before `/:name/:version`. */
function weight(parts: readonly string[]): number {
  return parts.reduce(
    (sum, part, index) => sum + (part.startsWith("*") ? 0 : part.startsWith(":") ? 1 : 2) * 4 ** (8 - index),
    0,
  );
}

function matchParts(parts: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    if (part.startsWith("*")) {
      params[part.slice(1)] = segments.slice(index).join("/");
      return params;
    }
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (part.startsWith(":")) {
      if (segment === "") return undefined;
      params[part.slice(1)] = segment;
    } else if (part !== segment) return undefined;
  }
  return segments.length === parts.length ? params : undefined;
}

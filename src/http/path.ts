import { refuse } from "../errors.ts";

/** The segments of a request path, each percent-decoded exactly once. Throws INVALID_PATH for what no client sends and what two servers would read differently. */
export function readSegments(path: string): string[] {
  if (path.length > 4096) throw refuse("INVALID_PATH", { why: "it is longer than 4096 characters" });
  return path.split("/").map(decodeSegment);
}

/** Query parameters; a repeated key is refused because two readers would take different ones. Throws INVALID_PATH. */
export function readQuery(query: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  if (query === "") return values;
  for (const [key, value] of new URLSearchParams(query)) {
    if (key in values) throw refuse("INVALID_PATH", { why: `the parameter ${key.slice(0, 60)} is given twice` });
    values[key] = value;
  }
  return values;
}

function decodeSegment(segment: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(segment);
  } catch {
    throw refuse("INVALID_PATH", { why: "it has a malformed percent escape" });
  }
  if (decoded === "." || decoded === "..") throw refuse("INVALID_PATH", { why: "it has a dot segment" });
  if (/[\x00-\x1f\x7f\\]/.test(decoded))
    throw refuse("INVALID_PATH", { why: "it has a control character or a backslash" });
  // A slash that was encoded is part of one name (npm scopes): only one, after a scope.
  if (decoded.includes("/") && !/^@[^/]+\/[^/]+$/.test(decoded))
    throw refuse("INVALID_PATH", { why: "it has an encoded slash" });
  if (/%(?:2f|2e|5c|00)/i.test(decoded)) throw refuse("INVALID_PATH", { why: "it is encoded twice" });
  return decoded;
}

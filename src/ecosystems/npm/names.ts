import { type Refusal, refuse } from "../../errors.ts";

/** Most characters of a name, scope included. */
const LONGEST_NAME = 214;
/** Names that npm itself refuses because a file of a project would be called so. */
const NEVER_NAMES: ReadonlySet<string> = new Set(["node_modules", "favicon.ico"]);
/** What `encodeURIComponent` leaves as it is: legacy names hold upper case and `~!*'()`. ASCII only, so look-alikes never pass. */
const NAME = /^(?:@(?!\.)[A-Za-z0-9\-_.!~*'()]+\/(?!\.)|(?![._]))[A-Za-z0-9\-_.!~*'()]+$/;
/** One path segment as npm's clients send it: printable ASCII without what a path or an encoding could hide in. */
const SEGMENT = /^[!-$&-.0-[\]-~]*$/;
/** The one segment that may hold a slash: `@scope/name`, with a version or file ending after it. */
const SCOPED = /^@[^/]+\/[^/]+$/;

/**
 * The name as it is, when npm's clients could install it: two npm names are one project iff equal. Upper case is allowed
 * because old packages have it. Throws INVALID_NAME.
 */
export function readName(name: string): string {
  if (name.length > LONGEST_NAME || !NAME.test(name) || NEVER_NAMES.has(name.toLowerCase())) {
    throw refuse("INVALID_NAME", { name: printable(name), ecosystem: "npm" });
  }
  return name;
}

/** Whether `readName` would take it. */
export function isName(name: string): boolean {
  return name.length <= LONGEST_NAME && NAME.test(name) && !NEVER_NAMES.has(name.toLowerCase());
}

/** The name in a URL path as npm sends it: `@scope%2fname`. */
export function encodeName(name: string): string {
  return name.replace("/", "%2f");
}

/** The name without its scope: what file names begin with. */
export function bareName(name: string): string {
  return name.slice(name.indexOf("/") + 1);
}

/**
 * Joins `@scope` and `name`, which clients send as one segment or two, takes the repeated scope off a file name
 * (`/@s/n/-/@s/n-1.0.0.tgz`), and drops one trailing slash. Throws INVALID_PATH for what no client sends: `..`, empty
 * segments, control characters, backslashes, a second encoding, letters outside ASCII, slashes inside other segments.
 */
export function canonicalPath(segments: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (let at = 0; at < segments.length; at++) {
    const segment = segments[at] as string;
    const next = segments[at + 1];
    if (segment.startsWith("@") && !segment.includes("/") && next) {
      joined.push(checkSegment(`${segment}/${next}`));
      at++;
    } else if (segment !== "" || segments.length === 1) {
      joined.push(checkSegment(segment));
    } else if (at !== segments.length - 1) {
      throw malformed("a segment is empty");
    }
  }
  const [name, dash, file] = joined;
  if (dash === "-" && file?.includes("/") && name !== "-") joined[2] = withoutScope(name as string, file);
  return joined;
}

function checkSegment(segment: string): string {
  const parts = segment.split("/");
  if (segment.includes("/") && !SCOPED.test(segment))
    throw malformed("an encoded slash is only possible after a scope");
  for (const part of parts) {
    if (part === "." || part === "..") throw malformed("a segment is `.` or `..`");
    if (!SEGMENT.test(part)) throw malformed("a segment holds a character that npm never sends");
    if (part.length > 2 * LONGEST_NAME) throw malformed("a segment is too long");
  }
  return segment;
}

function withoutScope(name: string, file: string): string {
  const scope = name.slice(0, name.indexOf("/") + 1);
  if (scope === "" || !file.startsWith(scope)) throw malformed("the file's scope is not the package's");
  return file.slice(scope.length);
}

function malformed(why: string): Refusal {
  return refuse("INVALID_PATH", { why });
}

function printable(text: string): string {
  return JSON.stringify(text.slice(0, 80)).replace(/[^ -~]/g, "?");
}

import type { EcosystemId } from "../../catalog/model.ts";
import { GATE_HEADER } from "../../http/mount.ts";
import { withoutCredentials } from "../../lib/secret.ts";
import type { Verdict } from "./model.ts";

/** What was found at an address. */
export interface Probe {
  readonly verdict: Verdict;
  /** The gate's feed behind it, as its own header names it: `default/npm`. */
  readonly feed?: string;
  /** Why it is not through the gate, as part of a sentence. */
  readonly why?: string;
  /** What else a person should know. */
  readonly note?: string;
}

/** Finds out whether an address leads through the gate, by asking there for one index document as a client would. */
export type Prober = (url: string, ecosystem: EcosystemId) => Promise<Probe>;

const ANSWER_MS = 15_000;
const MOST_REDIRECTS = 3;
/** Addresses asked in one run; a project may name as many as it likes. */
const MOST_PROBES = 50;

/** Opens a prober that asks each address once. `bases` are the gate's own addresses: what lies below one of them is the gate's even when it does not answer. */
export function openProber(bases: readonly string[]): Prober {
  const asked = new Map<string, Promise<Probe>>();
  return (url, ecosystem) => {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return Promise.resolve(notHttp(url));
    const document = documentAt(url, ecosystem);
    const known = asked.get(document);
    if (known) return known;
    if (asked.size >= MOST_PROBES)
      return Promise.resolve({ verdict: "unknown", why: `more than ${MOST_PROBES} addresses are named` });
    const probe = ask(document, ecosystem).catch((error: unknown) => unreachable(url, bases, error));
    asked.set(document, probe);
    return probe;
  };
}

/** Whether an address lies below one of the gate's, which tells without asking. */
export function isBelow(url: string, bases: readonly string[]): boolean {
  const plain = withoutCredentials(url);
  return bases.some((base) => plain.startsWith(`${base.replace(/\/+$/, "")}/`));
}

function notHttp(url: string): Probe {
  if (/^\$\{|^\$\w/.test(url)) return { verdict: "unknown", why: "it names a variable that is not set here" };
  if (/^[a-z][a-z0-9+.-]+:/i.test(url) && !/^(file:|[a-z]:[\\/])/i.test(url))
    return { verdict: "bypasses", why: "it is no http(s) address" };
  return { verdict: "local" };
}

/** A small project's index document; NuGet's service index is one itself. */
function documentAt(url: string, ecosystem: EcosystemId): string {
  if (ecosystem === "nuget") return url;
  const { origin, pathname, username, password } = new URL(url);
  const credentials = username ? `${username}${password ? `:${password}` : ""}@` : "";
  const base = `${origin.replace("//", `//${credentials}`)}${pathname.replace(/\/*$/, "/")}`;
  return base + (ecosystem === "pypi" ? "six/" : "abbrev");
}

async function ask(document: string, ecosystem: EcosystemId): Promise<Probe> {
  const deadline = AbortSignal.timeout(ANSWER_MS);
  let url = new URL(document);
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const { username, password } = url;
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
      "base64",
    );
    const headers = {
      accept: ACCEPT[ecosystem],
      "user-agent": "portcullis-doctor",
      ...(username !== "" && { authorization: `Basic ${credentials}` }),
    };
    const answer = await fetch(withoutCredentials(url.href), { headers, redirect: "manual", signal: deadline });
    await answer.body?.cancel();
    const location = answer.headers.get("location");
    if (answer.status < 300 || answer.status >= 400 || location === null || !URL.canParse(location, url))
      return read(answer, ecosystem);
    const next = new URL(location, url);
    // credentials stay with the host that they are for
    if (next.origin === url.origin) Object.assign(next, { username, password });
    url = next;
  }
  return { verdict: "unknown", why: `it redirects more than ${MOST_REDIRECTS} times` };
}

const ACCEPT: Readonly<Record<EcosystemId, string>> = {
  pypi: "application/vnd.pypi.simple.v1+json, text/html;q=0.5",
  npm: "application/vnd.npm.install-v1+json, application/json;q=0.5",
  nuget: "application/json",
};

function read(answer: Response, ecosystem: EcosystemId): Probe {
  const feed = answer.headers.get(GATE_HEADER)?.slice(0, 200);
  if (feed === undefined) return { verdict: "bypasses", why: `it answers ${answer.status}, and not as the gate` };
  if (!feed.endsWith(`/${ecosystem}`))
    return { verdict: "bypasses", why: `it is the gate's address for ${feed}, not for ${ecosystem}` };
  if (answer.status === 401)
    return {
      verdict: "through",
      feed,
      note: "the gate wants a token there, which doctor does not send: portcullis token create --name NAME makes one",
    };
  if (answer.status === 404 && ecosystem === "nuget")
    return { verdict: "bypasses", why: "the gate has no service index there" };
  if (answer.status >= 500)
    return {
      verdict: "through",
      feed,
      note: `the gate answers ${answer.status} there: it cannot reach its upstream, or is not well`,
    };
  return { verdict: "through", feed };
}

function unreachable(url: string, bases: readonly string[], error: unknown): Probe {
  const { message, cause } = error as Error & { cause?: Error };
  const why = `it does not answer (${(cause as { code?: string } | undefined)?.code ?? message})`;
  return isBelow(`${withoutCredentials(url)}/`, bases)
    ? { verdict: "unknown", why: `${why} although it is the gate's address` }
    : { verdict: "bypasses", why: `it is not the gate's address, and ${why}` };
}

import type { IncomingMessage } from "node:http";
import type { PreparedBody, Reply } from "../ecosystems/ecosystem.ts";
import { lru } from "../lib/lru.ts";

/** Index documents by the request that they answer, as long as they say that they are current: the same request again costs one look-up. */
export interface HotPages {
  /** The reply to a request that was answered before; undefined when it has to go through the gate. */
  find(request: IncomingMessage): Reply | undefined;
  /** Keeps a reply that may be given again. */
  keep(request: IncomingMessage, reply: Reply): void;
}

interface Kept {
  readonly reply: Reply;
  readonly isCurrent: () => boolean;
}

/** Replies kept; what they hold is shared with the gate's own store, so that each weighs little. */
const MOST_PAGES = 20_000;

/** Opens an empty store. */
export function openHotPages(): HotPages {
  const pages = lru<string, Kept>({ weight: MOST_PAGES });
  return {
    find(request) {
      const key = keyOf(request);
      const kept = key === undefined ? undefined : pages.get(key);
      if (kept?.isCurrent()) return kept.reply;
      if (kept) pages.delete(key!);
      return undefined;
    },
    keep(request, reply) {
      const { body } = reply;
      if (reply.status !== 200 || typeof body !== "object" || Buffer.isBuffer(body) || body.kind !== "prepared") return;
      const { isCurrent } = body satisfies PreparedBody;
      const key = isCurrent && keyOf(request);
      if (key) pages.set(key, { reply, isCurrent });
    },
  };
}

/** Everything of a request that its answer may depend on; undefined for requests that are not answered from here. */
function keyOf({ method, url = "", headers, socket }: IncomingMessage): string | undefined {
  // A token may be revoked at any moment, and a body has to be read.
  if (
    (method !== "GET" && method !== "HEAD") ||
    headers.authorization !== undefined ||
    headers["x-nuget-apikey"] !== undefined
  )
    return undefined;
  // Behind a proxy the address that clients use is told by the proxy's headers.
  const forwarded = headers["x-forwarded-host"] ?? headers["x-forwarded-proto"];
  if (forwarded !== undefined || url.length > 512) return undefined;
  return `${url}\n${headers.accept ?? ""}\n${headers["user-agent"] ?? ""}\n${headers.host ?? ""}\n${socket.localPort}`;
}

import type { UpstreamConfig } from "../config.ts";
import type { Gate, UpstreamAnswer } from "../ecosystems/ecosystem.ts";
import type { Intake } from "../intake/intake.ts";
import { unavailable } from "../intake/upstream.ts";

/** Asks an upstream for something that we hand on as it is (search, signing keys, attestations), bounded like an index document. */
export async function passThrough(
  intake: Intake,
  upstream: UpstreamConfig,
  pathOrUrl: string,
  options: Parameters<Gate["passThrough"]>[1] = {},
): Promise<UpstreamAnswer> {
  if (options.method !== "POST")
    return intake.client.get(upstream)(pathOrUrl, { ...(options.accept && { accept: options.accept }) });
  const base = upstream.url.endsWith("/") ? upstream.url : `${upstream.url}/`;
  const answer = await intake.client.open(upstream, new URL(pathOrUrl, base).href, { ...options, compressed: true });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > intake.app.limits.indexBytes) {
      answer.body.destroy();
      throw unavailable(upstream, pathOrUrl, "the answer is too large");
    }
    chunks.push(chunk);
  }
  if (answer.status !== 200 && answer.status !== 404)
    throw unavailable(upstream, pathOrUrl, `it answered ${answer.status}`);
  return {
    status: answer.status,
    body: Buffer.concat(chunks),
    contentType: answer.headers["content-type"] ?? "",
    url: answer.url,
  };
}

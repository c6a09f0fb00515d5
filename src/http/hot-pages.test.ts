import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import type { Reply } from "../ecosystems/ecosystem.ts";
import { openHotPages } from "./hot-pages.ts";

const asking = (url: string, headers: Record<string, string> = {}) =>
  ({ method: "HEAD", url, headers, socket: { localPort: 1 } }) as unknown as IncomingMessage;
const response = { writeHead: () => response, end: () => response } as unknown as ServerResponse;
const page = (size: number): Reply => ({
  status: 200,
  headers: {},
  body: { kind: "prepared", etag: "e", identity: Buffer.alloc(size), isCurrent: () => true },
});

test("pages are kept up to a number of bytes, the oldest let go first, whatever callers vary", () => {
  const pages = openHotPages(1_000_000);
  for (let at = 0; at < 4; at++) pages.keep(asking(`/npm/p${at}`), page(300_000));
  const kept = (url: string, headers = {}) => pages.answer(asking(url, headers), response) !== undefined;
  assert.deepEqual(
    ["/npm/p0", "/npm/p1", "/npm/p3"].map((url) => kept(url)),
    [false, true, true],
  );
  for (let at = 0; at < 1000; at++) pages.keep(asking("/npm/p", { "user-agent": `agent ${at}` }), page(10));
  assert.equal(kept("/npm/p", { "user-agent": "agent 1" }), false);
  assert.equal(kept("/npm/p", { "user-agent": "agent 999" }), true);
});

test("a request with headers longer than any client's is not kept", () => {
  const pages = openHotPages(1_000_000);
  const request = asking("/npm/p", { "user-agent": "x".repeat(3000) });
  pages.keep(request, page(10));
  assert.equal(pages.answer(request, response), undefined);
});

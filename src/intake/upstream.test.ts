import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type FakeUpstream, fakeUpstream } from "../../test/support/fake-upstream.ts";
import { configSchema } from "../config.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { openUpstreamClient } from "./upstream.ts";

async function open(
  context: TestContext,
): Promise<{ upstream: FakeUpstream; get: (path: string) => Promise<unknown> }> {
  const upstream = await fakeUpstream(context);
  const config = configSchema.parse({ upstreams: [{ name: "npm", ecosystem: "npm", url: `${upstream.url}/npm/` }] });
  const client = openUpstreamClient(config, DEFAULT_LIMITS);
  context.after(() => client.close());
  return { upstream, get: client.get(config.upstreams[0]!) };
}

test("a redirect that leads nowhere, to a file or to ourselves in disguise is upstream trouble", async (context) => {
  const { upstream, get } = await open(context);
  const bad = [
    "http://[",
    "http://",
    "file:///etc/passwd",
    "http://[::7f00:1]:1/",
    "http://localhost.:1/",
    "//127.1:1/",
  ];
  for (const [at, location] of bad.entries()) {
    upstream.say(`/npm/${at}`, { status: 302, headers: { location } });
    await assert.rejects(get(String(at)), { code: "UPSTREAM_UNAVAILABLE" }, location);
  }
});

test("a redirect to the address where a cloud describes the machine is refused before anything is sent", async (context) => {
  const { upstream, get } = await open(context);
  for (const address of ["169.254.169.254", "168.63.129.16", "100.100.100.200", "[fd00:ec2::254]"]) {
    upstream.say("/npm/a", { status: 302, headers: { location: `http://${address}/latest/` } });
    await assert.rejects(get("a"), /it leads to a private address/, address);
  }
});

test("an address that is none is upstream trouble", async (context) => {
  const { get } = await open(context);
  await assert.rejects(get("http://["), { code: "UPSTREAM_UNAVAILABLE" });
});

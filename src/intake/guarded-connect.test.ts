import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { Agent, request } from "undici";
import { guardedConnect } from "./guarded-connect.ts";

const OWN = "registry.example.invalid";
const FILES = "files.example.invalid";

/** Asks FILES on the server's port, or on `port`, as an answer of the upstream at `own` would have us do; says the answer, or why not. */
async function ask(
  context: TestContext,
  names: Record<string, string[] | string[][]>,
  options: { own?: (port: number) => string; port?: number } = {},
): Promise<{ said: string; resolved: string[] }> {
  const server = createServer((_request, response) => response.end("reached")).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as AddressInfo;
  const own = new URL(options.own?.(port) ?? `http://${OWN}:${port}/`);
  const resolved: string[] = [];
  const connect = guardedConnect(own, { timeout: 2000 }, (host, _options, done) => {
    resolved.push(host);
    const known = names[host] ?? [host];
    const addresses = (Array.isArray(known[0]) ? (known as string[][]).shift()! : known) as string[];
    done(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  });
  const agent = new Agent({ connect });
  context.after(async () => {
    await agent.destroy();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const said = await request(`http://${FILES}:${options.port ?? port}/`, { dispatcher: agent }).then(
    (answer) => answer.body.text(),
    (error: Error) => error.message,
  );
  return { said, resolved };
}

test("a host at the address and port of the upstream itself is reached, private or not", async (context) => {
  const { said } = await ask(context, { [OWN]: ["127.0.0.1"], [FILES]: ["127.0.0.1"] });
  assert.equal(said, "reached");
});

test("a host at another private address than the upstream's is refused", async (context) => {
  const { said } = await ask(context, { [OWN]: ["127.0.0.2"], [FILES]: ["127.0.0.1"] });
  assert.match(said, /has only private addresses/);
});

test("a host at the upstream's address and another port is refused", async (context) => {
  const names = { [OWN]: ["127.0.0.1"], [FILES]: ["127.0.0.1"] };
  const { said } = await ask(context, names, { own: () => `http://${OWN}:9/` });
  assert.match(said, /has only private addresses/);
  const byDefault = await ask(context, names, { own: () => `https://${OWN}/`, port: 80 });
  assert.match(byDefault.said, /has only private addresses/);
});

test("a host whose upstream is public is refused when it is private", async (context) => {
  const { said } = await ask(context, { [OWN]: ["1.1.1.1"], [FILES]: ["127.0.0.1"] });
  assert.match(said, /has only private addresses/);
});

test("where clouds keep credentials is refused, also when the upstream's name leads there", async (context) => {
  for (const address of ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "168.63.129.16"]) {
    const { said } = await ask(context, { [OWN]: [address], [FILES]: [address] });
    assert.match(said, /has only private addresses/, address);
  }
});

test("of several addresses only those that were checked are connected to, and the name is resolved once", async (context) => {
  // The second answer of each name is what a rebinding server would give to who asks again.
  const names = {
    [OWN]: [["127.0.0.1"], ["127.0.0.9"]],
    [FILES]: [["10.1.2.3", "127.0.0.1", "169.254.169.254"], ["127.0.0.9"]],
  };
  const { said, resolved } = await ask(context, names);
  assert.equal(said, "reached");
  assert.deepEqual(resolved, [FILES, OWN]);
});

test("an upstream without a name is as near to itself as one with a name", async (context) => {
  const { said } = await ask(context, { [FILES]: ["127.0.0.1"] }, { own: (port) => `http://127.0.0.1:${port}/` });
  assert.equal(said, "reached");
});

test("an upstream whose own name cannot be resolved makes nothing reachable", async (context) => {
  const { said } = await ask(context, { [OWN]: [], [FILES]: ["127.0.0.1"] });
  assert.match(said, /has only private addresses/);
});

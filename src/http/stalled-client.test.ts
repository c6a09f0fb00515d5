import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testGate } from "../../test/support/test-gate.ts";

const LARGE = Buffer.from(JSON.stringify({ name: "thing", filler: "x".repeat(24 << 20), versions: {} }));

test("a client that stops reading loses its connection, one that reads slowly does not", async (context) => {
  const gate = await testGate(context, { config: { limits: { clientStallMs: 300 } } });
  gate.upstream.say("/npm/thing", { body: LARGE });
  const open = () => {
    const socket = connect(Number(new URL(gate.url).port), "127.0.0.1");
    socket.on("error", () => {});
    context.after(() => socket.destroy());
    socket.write("GET /npm/thing HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    return socket;
  };
  let [read, ended] = [0, false];
  const slow = open().on("end", () => (ended = true));
  slow.on("data", (chunk) => {
    read += chunk.length;
    slow.pause();
    setTimeout(() => slow.resume(), 2);
  });
  const stuck = open();
  await once(stuck, "readable");
  while (!ended) await sleep(20);
  assert.ok(read > LARGE.length - 1000, `${read}`);
  await sleep(1000);
  let left = 0;
  stuck.on("data", (chunk) => (left += chunk.length));
  await once(stuck, "close");
  assert.ok(left < LARGE.length, "what was not read was thrown away");
});

test("a connection on which nothing waits to be read is left alone while its answer is made", async (context) => {
  const gate = await testGate(context, { config: { limits: { clientStallMs: 200 } } });
  gate.upstream.say("/npm/thing", (_request, response) => {
    setTimeout(() => response.end('{"name":"thing","versions":{}}'), 900);
  });
  assert.equal((await gate.get("/npm/thing")).status, 200);
});

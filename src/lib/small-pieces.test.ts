import assert from "node:assert/strict";
import { test } from "node:test";
import { startDigests } from "./digest.ts";
import { durationMs, readDuration, writeDuration } from "./duration.ts";
import { jsonLog } from "./log.ts";
import { lru } from "./lru.ts";
import { withoutCredentials } from "./secret.ts";
import { singleFlight } from "./single-flight.ts";

test("callers of one key at one moment share one run, its result and its failure; later ones run anew", async () => {
  const share = singleFlight<string, number>();
  let runs = 0;
  const run = async () => ++runs;
  assert.deepEqual(await Promise.all([share("a", run), share("a", run), share("b", run)]), [1, 1, 2]);
  assert.equal(await share("a", run), 3);
  const fail = async () => {
    throw new Error(`no ${++runs}`);
  };
  const failures = await Promise.allSettled([share("a", fail), share("a", fail)]);
  assert.deepEqual(
    failures.map((one) => one.status === "rejected" && one.reason.message),
    ["no 4", "no 4"],
  );
  assert.equal(await share("a", run), 5);
});

test("a bounded map forgets what was used longest ago, by weight, and keeps nothing heavier than the bound", () => {
  const map = lru<string, string>({ weight: 5, weigh: (value) => value.length });
  map.set("a", "xx");
  map.set("b", "xx");
  map.get("a");
  map.set("c", "xx");
  assert.deepEqual([map.get("a"), map.get("b"), map.get("c"), map.weight], ["xx", undefined, "xx", 4]);
  map.set("a", "x");
  assert.equal(map.weight, 3);
  map.set("a", "xxxxxx");
  assert.deepEqual([map.get("a"), map.size, map.weight], [undefined, 1, 2]);
  map.delete("c");
  map.delete("c");
  assert.deepEqual([map.size, map.weight], [0, 0]);
});

test("durations are read exactly or not at all, and written for people", () => {
  assert.deepEqual(
    ["350ms", "30s", "5m", "12h", "7d"].map(readDuration),
    [350, 30_000, 300_000, 43_200_000, 604_800_000],
  );
  for (const bad of ["", "5", "5 m", "-5m", "1w", "5m ", "999999999999999d"])
    assert.equal(readDuration(bad), undefined);
  assert.throws(() => durationMs("soon"), RangeError);
  assert.deepEqual([0, 350, 9_001, 300_000, 7 * 86_400_000].map(writeDuration), [
    "0 ms",
    "350 ms",
    "10 s",
    "5 min",
    "7 days",
  ]);
});

test("the log writes one JSON line for what is severe enough, with errors readable", () => {
  const lines: string[] = [];
  const log = jsonLog({ level: "info", clock: () => 7, write: (line) => lines.push(line) });
  log.debug({}, "too fine");
  log.warn({ err: new TypeError("bad\nvalue"), n: 1n }, "something");
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^[^\n]+\n$/);
  const { err, ...rest } = JSON.parse(lines[0]!);
  assert.deepEqual(rest, { level: 40, time: 7, msg: "something", n: "1" });
  assert.deepEqual([err.type, err.message], ["TypeError", "bad\nvalue"]);
});

test("digests of a stream do not depend on its chunks", () => {
  const one = startDigests();
  one.update(Buffer.from("abc"));
  const other = startDigests();
  for (const letter of "abc") other.update(Buffer.from(letter));
  assert.deepEqual(one.finish(), other.finish());
});

test("a URL is printed without user name and password", () => {
  assert.equal(withoutCredentials("https://ada:secret@example.invalid/x"), "https://example.invalid/x");
  assert.equal(withoutCredentials("secret"), "[unreadable URL]");
});

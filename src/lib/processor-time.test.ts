import assert from "node:assert/strict";
import { test } from "node:test";
import { processorMs, readPsTime } from "./processor-time.ts";

test("the time of ps is read in every form that it has", () => {
  assert.equal(readPsTime(" 0:01.25\n"), 1_250);
  assert.equal(readPsTime("12:34"), 754_000);
  assert.equal(readPsTime("01:02:03"), 3_723_000);
  assert.equal(readPsTime("2-01:00:00"), 176_400_000);
  assert.equal(readPsTime("0:00,50"), 500);
  for (const text of ["", "TIME", "12", "1:2:3:4", "-1:00"]) assert.equal(readPsTime(text), undefined, text);
});

test("processor time grows with work, not with waiting", async (context) => {
  if (process.platform === "win32") return context.skip("Windows does not tell");
  const before = (await processorMs(process.pid))!;
  const end = process.cpuUsage().user + 300_000;
  while (process.cpuUsage().user < end);
  const worked = (await processorMs(process.pid))! - before;
  assert.ok(worked >= 200 && worked < 5_000, `${worked} ms`);
});

test("the time of a process that is gone is unknown", async () => {
  assert.equal(await processorMs(2 ** 30), undefined);
});

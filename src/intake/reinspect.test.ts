import assert from "node:assert/strict";
import { test } from "node:test";
import { npmTarball } from "../../test/support/archives.ts";
import { malicious, publishNpm } from "../../test/support/publish.ts";
import { type TestGate, testGate } from "../../test/support/test-gate.ts";
import { ENGINE } from "../inspection/engine.ts";
import { startReinspection } from "./reinspect.ts";

const OLD = "0+00000000";
const CLEAN = JSON.stringify({ word: "clean", score: 0.01, contributions: [] });
const file = (name: string) => `/npm/${name}/-/${name}-1.0.0.tgz`;

/** As if an older engine had inspected everything so far, and found all of it clean. */
async function age(gate: TestGate): Promise<void> {
  const { database } = gate.app;
  await database.updateTable("inspections").set({ engine: OLD, verdict: CLEAN, findings: "[]" }).execute();
  const assessed = { engine: OLD, inputs_hash: OLD, word: "clean" as const, score: 0.01, verdict: CLEAN };
  await database.updateTable("assessments").set(assessed).execute();
  await database.updateTable("standings").set({ state: "visible", code: "clean" }).execute();
}

async function engines(gate: TestGate): Promise<readonly string[]> {
  const rows = await gate.app.database.selectFrom("assessments").select("engine").distinct().execute();
  return rows.map(({ engine }) => engine);
}

/** Waits until no assessment rests on another engine than today's. */
async function replaced(gate: TestGate, meanwhile = () => {}): Promise<void> {
  for (let tries = 0; tries < 400 && (await engines(gate)).some((engine) => engine !== ENGINE); tries++) {
    meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(await engines(gate), [ENGINE]);
}

test("an older engine's verdicts serve until they are replaced in the background; then the new ones decide", async (context) => {
  const gate = await testGate(context);
  publishNpm(gate.upstream, "plain", {
    "1.0.0": npmTarball({ name: "plain", version: "1.0.0", files: { "index.js": "module.exports = 1;\n" } }),
  });
  publishNpm(gate.upstream, "evil", { "1.0.0": malicious("evil") });
  assert.equal((await gate.get(file("plain"))).status, 200);
  assert.equal((await gate.get(file("evil"))).status, 403);
  await gate.app.drain();
  await age(gate);
  gate.app.passTime(60_000);
  assert.equal((await gate.get("/npm/plain")).status, 200);
  assert.deepEqual(await engines(gate), [OLD]);

  const reinspection = startReinspection(gate.app, gate.intake.feeds, gate.intake.examiner);
  context.after(() => reinspection.close());
  await replaced(gate);
  assert.equal((await gate.get(file("plain"))).status, 200);
  assert.equal((await gate.get(file("evil"))).status, 403);
  const standings = await gate.app.database.selectFrom("standings").select("code").orderBy("code").execute();
  assert.deepEqual(
    standings.map(({ code }) => code),
    ["clean", "malicious"],
  );
  assert.equal(gate.upstream.count(file("plain")), 1, "bytes that are stored are not fetched again");
});

test("what could not be inspected again is tried again", async (context) => {
  const gate = await testGate(context);
  publishNpm(gate.upstream, "evil", { "1.0.0": malicious("evil") });
  await gate.get(file("evil"));
  await gate.app.drain();
  await age(gate);
  let failures = 0;
  await gate.intake.close();
  const reinspection = startReinspection(gate.app, gate.intake.feeds, {
    ...gate.intake.examiner,
    async again(_feed, _project, artifactId) {
      if (failures++ < 2) throw new Error("not now");
      await gate.app.database
        .updateTable("assessments")
        .set({ engine: ENGINE })
        .where("artifact_id", "=", artifactId)
        .execute();
    },
  });
  context.after(() => reinspection.close());
  await replaced(gate, () => gate.app.passTime(10_000));
  assert.equal(failures, 3);
});

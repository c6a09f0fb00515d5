import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { npmTarball } from "./support/archives.ts";
import { fakeUpstream } from "./support/fake-upstream.ts";
import { temporaryFolder } from "./support/folders.ts";
import { publishNpm } from "./support/publish.ts";

const OLD = "0+00000000";
const FILES = 40;

/** A gate in a process of its own, and where it serves. */
async function serve(
  context: TestContext,
  data: string,
  upstream: string,
): Promise<{ child: ChildProcess; url: string }> {
  const main = join(import.meta.dirname, "..", "src", "main.ts");
  const none = ["--upstream-pypi", "none", "--upstream-nuget", "none", "--log", "error"];
  const args = ["serve", "--port", "0", "--data", data, "--upstream-npm", upstream, ...none];
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  context.after(() => child.kill("SIGKILL"));
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`the gate ended: ${said}`)));
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const [, found] = /serves on (\S+)/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return { child, url };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** Assessments that rest on the older engine. */
function outdated(data: string): number {
  const database = new DatabaseSync(join(data, "portcullis.db"), { readOnly: true, timeout: 5_000 });
  const row = database.prepare("select count(*) as n from assessments where engine = ?").get(OLD);
  database.close();
  return Number(row?.["n"]);
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3_000; tries++) {
    if (isSo()) return;
    await sleep(20);
  }
  assert.fail(`not within a minute: ${what}`);
}

test("re-inspection after a change of the engine goes on where kill -9 left it", async (context) => {
  const data = join(temporaryFolder(), "data");
  const upstream = await fakeUpstream(context);
  const first = await serve(context, data, `${upstream.url}/npm/`);
  for (let index = 0; index < FILES; index++) {
    const name = `known-${index}`;
    publishNpm(upstream, name, {
      "1.0.0": npmTarball({ name, version: "1.0.0", files: { "index.js": `${index};\n` } }),
    });
    const answer = await fetch(`${first.url}/npm/${name}/-/${name}-1.0.0.tgz`);
    assert.equal(answer.status, 200, await answer.text());
  }
  await kill(first.child);
  const database = new DatabaseSync(join(data, "portcullis.db"));
  database.exec(
    `update inspections set engine = '${OLD}'; update assessments set engine = '${OLD}', inputs_hash = '${OLD}'`,
  );
  database.close();
  assert.equal(outdated(data), FILES);

  const second = await serve(context, data, `${upstream.url}/npm/`);
  await until("some are inspected again", () => outdated(data) < FILES - 2);
  await kill(second.child);
  const left = outdated(data);
  assert.ok(left > 0, "the process was killed too late to tell");

  const third = await serve(context, data, `${upstream.url}/npm/`);
  const answer = await fetch(`${third.url}/npm/known-${FILES - 1}/-/known-${FILES - 1}-1.0.0.tgz`);
  assert.equal(answer.status, 200, "what is not inspected again yet is served on its old verdict");
  await answer.arrayBuffer();
  await until("all are inspected again", () => outdated(data) === 0);
  for (let index = 0; index < FILES; index++)
    assert.equal(upstream.count(`/npm/known-${index}/-/known-${index}-1.0.0.tgz`), 1);
});

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sha256Hex } from "../lib/digest.ts";
import { silentLog } from "../lib/log.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { type InspectorPool, openInspectorPool } from "./pool.ts";

const worker = join(import.meta.dirname, "../../test/support/stand-in-worker.ts");
const bytes = Buffer.from("an artifact");
const sha256 = sha256Hex(bytes);
const pools: InspectorPool[] = [];
after(() => Promise.all(pools.map((pool) => pool.close())));

function open(limits: Partial<Limits> = {}, readable: readonly string[] = [], module = worker): InspectorPool {
  const pool = openInspectorPool({
    size: 1,
    limits: { ...DEFAULT_LIMITS, inspectionMs: 20_000, ...limits },
    readable,
    worker: module,
    log: silentLog,
  });
  pools.push(pool);
  return pool;
}

async function becauseOf(filename: string, limits: Partial<Limits> = {}): Promise<string> {
  const pool = open(limits);
  const inspection = await pool.inspect({ bytes }, { filename });
  assert.equal(inspection.verdict.word, "unknown");
  assert.equal(inspection.verdict.score, 1);
  assert.equal(inspection.sha256, sha256);
  const next = await pool.inspect({ bytes }, { filename: "fine" });
  assert.equal(next.verdict.word, "clean", "the pool goes on");
  await pool.close();
  return inspection.verdict.because ?? "";
}

test("an inspection that throws is unknown, and says what was thrown", async () => {
  assert.match(await becauseOf("throws"), /a detector's mistake/);
});

test("an inspection that loops is ended at the time limit", async () => {
  assert.match(await becauseOf("loops", { inspectionMs: 700 }), /^took longer than 0.7 s(?: of processor time)?$/);
});

test("an inspection that waits for the machine is not ended at the time limit, but at the generous one", async (context) => {
  if (process.platform === "win32") return context.skip("Windows does not tell processor time");
  const limits = { inspectionMs: 300, inspectionWallMs: 1_500 };
  assert.equal(await becauseOf("sleeps", limits), "took longer than 1.5 s");
});

test("an inspection that fills the heap ends as out of memory", async () => {
  assert.equal(await becauseOf("allocates", { inspectorMemoryMb: 160 }), "ran out of memory (160 MiB)");
});

test("an inspection that fills buffers outside the heap ends as out of memory", async () => {
  assert.equal(await becauseOf("allocates-buffers", { inspectorMemoryMb: 200 }), "ran out of memory (200 MiB)");
});

test("an inspection that prints without end is ended", async () => {
  assert.equal(await becauseOf("prints-errors"), "printed without end");
  assert.equal(await becauseOf("prints-answers"), "answered with something that is no answer");
});

test("an answer longer than allowed is not read", async () => {
  assert.match(await becauseOf("answers-too-much"), /no answer/);
});

test("a process that dies makes its artifact unknown", async () => {
  assert.equal(await becauseOf("dies"), "crashed (exit code 7)");
  assert.match(await becauseOf("aborts"), /^crashed|out of memory/);
});

test("answers are believed only when every member is in order", async () => {
  assert.match(await becauseOf("answers-nonsense"), /answer is invalid/);
  assert.match(await becauseOf("is-sure-beyond-one"), /verdict.score: out of range/);
});

test("an inspection of other bytes than those expected is not accepted", async () => {
  const inspection = await open().inspect({ bytes }, { filename: "answers-for-another", sha256 });
  assert.equal(inspection.verdict.word, "unknown");
  assert.match(inspection.verdict.because ?? "", /instead of/);
});

test("an inspector can read nothing, write nothing, start nothing and has no environment", async () => {
  const { verdict } = await open().inspect({ bytes }, { filename: "tries-to-get-out" });
  assert.equal(
    verdict.because,
    "read:denied write:denied program:denied thread:denied code:denied environment:denied socket:denied database:denied",
  );
});

test("an inspector reads a file below a readable folder itself, and gets any other handed over", async () => {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-pool-"));
  const path = join(folder, "artifact");
  writeFileSync(path, bytes);
  try {
    for (const readable of [[folder], []]) {
      const inspection = await open({}, readable).inspect({ path }, { filename: "fine" });
      assert.equal(inspection.verdict.word, "clean");
      assert.equal(inspection.sha256, sha256);
    }
    const missing = await open().inspect({ path: join(folder, "missing") }, { filename: "fine" });
    assert.match(missing.verdict.because ?? "", /could not be read/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an artifact over the size limit is not handed over", async () => {
  const { verdict } = await open({ artifactBytes: 4 }).inspect({ bytes }, { filename: "fine" });
  assert.equal(verdict.because, "is larger than the limit of 4 bytes");
});

test("a process is replaced after its share of inspections", async () => {
  const pool = open({ inspectionsPerProcess: 2 });
  const processes: string[] = [];
  for (let turn = 0; turn < 4; turn++) {
    processes.push((await pool.inspect({ bytes }, { filename: "tells-its-process" })).engine);
  }
  assert.equal(processes[0], processes[1]);
  assert.notEqual(processes[1], processes[2]);
  assert.equal(processes[2], processes[3]);
});

test("a program that cannot start makes everything unknown instead of waiting for ever", async () => {
  const broken = join(import.meta.dirname, "no-such-module.ts");
  const { verdict } = await open({}, [], broken).inspect({ bytes }, { filename: "fine" });
  assert.match(verdict.because ?? "", /^crashed \(exit code 1\): Error.*no-such-module/);
});

test("closing ends what runs and what waits, as unknown", async () => {
  const pool = open();
  const running = pool.inspect({ bytes }, { filename: "loops" });
  const waiting = pool.inspect({ bytes }, { filename: "fine" });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await pool.close();
  for (const inspection of [await running, await waiting, await pool.inspect({ bytes }, { filename: "fine" })]) {
    assert.equal(inspection.verdict.word, "unknown");
    assert.equal(inspection.verdict.because, "was ended");
  }
});

test("a signal to the whole group does not end an inspector, the end of its parent does", {
  skip: process.platform === "win32",
}, async () => {
  const pool = open();
  const { engine } = await pool.inspect({ bytes }, { filename: "tells-its-process" });
  process.kill(Number(engine), "SIGINT");
  process.kill(Number(engine), "SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal((await pool.inspect({ bytes }, { filename: "tells-its-process" })).engine, engine);
  const source = `import { openInspectorPool } from ${JSON.stringify(join(import.meta.dirname, "pool.ts"))};
    const limits = ${JSON.stringify(DEFAULT_LIMITS)};
    const pool = openInspectorPool({ size: 1, limits, readable: [], worker: ${JSON.stringify(worker)}, log: {} });
    console.log((await pool.inspect({ bytes: Buffer.from("x") }, { filename: "tells-its-process" })).engine);
    process.kill(process.pid, "SIGKILL");`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const state = existsSync(`/proc/${stdout.trim()}`) ? readFileSync(`/proc/${stdout.trim()}/stat`, "latin1") : "gone";
  assert.match(state, /^gone$|\) Z /, "the orphan has ended, whether or not somebody has noticed");
});

test("the permission model of this Node.js denies sockets by their event too", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const script = `require("net").connect(${port}, "127.0.0.1").on("error", (e) => console.log(e.code)).on("connect", () => console.log("open"))`;
  const printed = await new Promise((resolve) =>
    execFile(process.execPath, ["--permission", "-e", script], { timeout: 10_000 }, (_error, stdout, stderr) =>
      resolve(stdout.trim() || stderr),
    ),
  );
  server.close();
  assert.match(String(printed), /ERR_ACCESS_DENIED/);
});

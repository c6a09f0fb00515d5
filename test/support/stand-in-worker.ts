import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync, writeSync } from "node:fs";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import type { Inspection, InspectionRequest } from "../../src/inspection/model.ts";
import { answerRequests } from "../../src/inspection/worker-loop.ts";
import { sha256Hex } from "../../src/lib/digest.ts";

/** An inspector process whose engine misbehaves as the artifact's file name says. Run by the pool's tests in place of worker.ts. */

const clean: Omit<Inspection, "sha256"> = {
  engine: "stand-in",
  findings: [],
  facts: undefined,
  verdict: { word: "clean", score: 0, contributions: [] },
  ms: 0,
};
const hoard: unknown[] = [];

const BEHAVIOURS: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  throws() {
    throw new Error("a detector's mistake");
  },
  loops() {
    for (;;);
  },
  sleeps() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
  },
  allocates() {
    for (;;) hoard.push(Array.from({ length: 1_000 }, (_, index) => ({ index })));
  },
  "allocates-buffers"() {
    for (;;) hoard.push(Buffer.alloc(1 << 20, 1));
  },
  "prints-errors"() {
    for (;;) writeSync(2, "again and again\n");
  },
  "prints-answers"() {
    for (;;) writeSync(1, "again and again\n");
  },
  "prints-a-word"() {
    writeSync(1, "hello");
  },
  "answers-too-much"() {
    return { inspection: { text: "x".repeat(8 << 20) } };
  },
  dies() {
    process.exit(7);
  },
  aborts() {
    process.abort();
  },
  "answers-nonsense": () => ({ verdict: "clean" }),
  "answers-for-another": () => ({ ...clean, sha256: "0".repeat(64) }),
  "is-sure-beyond-one": (bytes) => ({ ...clean, sha256: sha256Hex(bytes), verdict: { ...clean.verdict, score: 2 } }),
  "tells-its-process": (bytes) => ({ ...clean, sha256: sha256Hex(bytes), engine: String(process.pid) }),
  "tries-to-get-out": (bytes) => ({
    ...clean,
    sha256: sha256Hex(bytes),
    verdict: { ...clean.verdict, word: "unknown", because: ATTEMPTS.map(([name, act]) => tried(name, act)).join(" ") },
  }),
};

const ATTEMPTS: readonly (readonly [string, () => unknown])[] = [
  ["read", () => readFileSync(process.execPath)],
  ["write", () => writeFileSync("/tmp/portcullis-stand-in", "")],
  ["program", () => spawnSync(process.execPath, ["--version"])],
  ["thread", () => new Worker("1", { eval: true })],
  ["code", () => Function("return 1")()],
  ["environment", () => Object.keys(process.env).filter((name) => !SET_FOR_IT.test(name))[0] ?? refuseIt()],
  ["socket", () => connectNow()],
  ["database", () => new (process.getBuiltinModule("node:sqlite").DatabaseSync)("/tmp/portcullis-stand-in.db")],
];
const SET_FOR_IT =
  /^(HOMEDRIVE|HOMEPATH|LOGONSERVER|PATH|SYSTEMDRIVE|SYSTEMROOT|TEMP|USERDOMAIN|USERNAME|USERPROFILE|WINDIR|MALLOC_MMAP_THRESHOLD_)$/i;

function tried(name: string, act: () => unknown): string {
  try {
    act();
    return `${name}:done`;
  } catch {
    return `${name}:denied`;
  }
}

function refuseIt(): never {
  throw new Error("there is nothing");
}

/** Sockets are refused by an event; the permission itself can be asked at once. */
function connectNow(): void {
  const { permission } = process as unknown as { permission: { has(scope: string): boolean } };
  if (!permission.has("net")) refuseIt();
  connect(9, "127.0.0.1");
}

await answerRequests("stand-in", ({ filename, bytes: sent }: InspectionRequest) => {
  const bytes = Buffer.isBuffer(sent) ? sent : sent.slice(0, sent.length);
  const behave = BEHAVIOURS[filename];
  const answer = behave ? behave(bytes) : undefined;
  return (answer ?? { ...clean, sha256: sha256Hex(bytes) }) as Inspection;
});

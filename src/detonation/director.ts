import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Event, Plan, Step } from "./model.ts";
import { ANSWERED_PORTS, openSinkhole } from "./sinkhole.ts";
import { readStrace, TRACED_CALLS } from "./strace.ts";

/**
 * Runs inside the new namespaces that detonate.ts opens, and nowhere else: takes the order on standard input, turns every
 * address of the world into this machine, opens the sinkhole, runs one step after the other in a sandbox of its own, and prints
 * what was seen, one JSON document a line.
 */
export interface Order {
  readonly plan: Plan;
  readonly decoys: {
    readonly values: Readonly<Record<string, string>>;
    readonly files: Readonly<Record<string, string>>;
    readonly env: Readonly<Record<string, string>>;
  };
  /** An empty folder: becomes a file system in memory that nobody outside sees. */
  readonly scratch: string;
  /** Milliseconds for each step. */
  readonly stepMs: number;
}

/** Where the sandbox has its home. */
const HOME = "/home/dev";
const WORLD_BYTES = "1g";
/** Bytes of one strace log that are read. */
const LOG_BYTES = 64 << 20;
const OUTPUT_BYTES = 4_096;
/** How long what a step leaves behind may go on: stagers wait for the installer to end. */
const GRACE = 10;

const tell = (event: Event) => process.stdout.write(`${JSON.stringify(event)}\n`);

async function main(): Promise<void> {
  const order = JSON.parse(readFileSync(0, "utf8")) as Order;
  requireNewNetwork();
  const world = makeWorld(order);
  let current = "";
  const sinkhole = await openSinkhole({
    decoys: order.decoys.values,
    ports: ANSWERED_PORTS,
    dnsPort: 53,
    step: () => current,
    tell,
  });
  for (const step of order.plan.steps) {
    current = step.name;
    const end = await runStep(step, order, world);
    tell(end);
    if (end.kind === "end" && end.timedOut) break;
  }
  await sinkhole.close();
  process.exit(0);
}

/** Only loopback may be there, and everything leads to it; anything else means that we are not where we think. */
function requireNewNetwork(): void {
  const links = readFileSync("/proc/net/dev", "utf8")
    .split("\n")
    .slice(2)
    .filter((line) => line.trim() !== "");
  if (links.some((line) => !/^\s*lo:/.test(line))) throw new Error("the network is not a new one");
  for (const args of [
    ["link", "set", "lo", "up"],
    ["route", "add", "local", "default", "dev", "lo"],
  ])
    must("ip", args);
  spawnSync("ip", ["-6", "route", "add", "local", "default", "dev", "lo"]);
}

function must(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, [...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr.trim()}`);
}

/** The folders of the sandbox, in memory: they vanish with the namespace. */
function makeWorld({ scratch, plan, decoys }: Order): string {
  must("mount", ["-t", "tmpfs", "-o", `size=${WORLD_BYTES},mode=700`, "tmpfs", scratch]);
  for (const folder of ["home", "work", "tmp", "etc", "log"]) mkdirSync(join(scratch, folder), { recursive: true });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
  };
  for (const [path, text] of Object.entries(decoys.files)) write(join(scratch, "home", path), text);
  for (const [path, text] of Object.entries(plan.files)) write(join(scratch, path), text);
  for (const [name, text] of Object.entries(ETC)) writeFileSync(join(scratch, "etc", name), text);
  return scratch;
}

const ETC: Readonly<Record<string, string>> = {
  passwd: `root:x:0:0:root:/root:/bin/sh\ndev:x:1000:1000:dev:${HOME}:/bin/sh\n`,
  group: "root:x:0:\ndev:x:1000:\n",
  hosts: "127.0.0.1 localhost build-agent-7\n",
  "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
};

function runStep(step: Step, order: Order, world: string): Promise<Event> {
  const log = join(world, "log", step.name);
  const args = [
    ...["--nproc=256", "--nofile=1024", "--fsize=536870912", "--data=4294967296", "--core=0"],
    ...["strace", "-f", "-q", "-s", "512", "-e", `trace=${TRACED_CALLS}`, "-o", log],
    ...["bwrap", ...sandbox(order, step, world), "--", "sh", "-c", WAITER, "sh", ...step.argv],
  ];
  const child = spawn("prlimit", args, { stdio: ["ignore", "pipe", "pipe"], env: { PATH: SYSTEM_PATH } });
  let output = Buffer.alloc(0);
  const keep = (piece: Buffer) => {
    output = Buffer.concat([output, piece]).subarray(-OUTPUT_BYTES);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, order.stepMs);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearTimeout(timer);
      const { text, cut } = readLog(log);
      for (const event of readStrace(text, step.name)) if (!isOurs(event)) tell(event);
      resolve({
        kind: "end",
        step: step.name,
        code,
        timedOut,
        left: leftRunning(text),
        output: output.toString("utf8"),
        cut,
      });
    });
  });
}

/** A number of seconds that nobody else sleeps. */
const NAP = "0.50917";
/** Runs the step, then gives what it left running some time. */
const WAITER = `"$@"; code=$?; i=0; while [ $i -lt ${GRACE} ]; do set -- /proc/[0-9]*; [ $# -le 2 ] && break; sleep ${NAP}; i=$((i+1)); done; exit $code`;

/** What bwrap and the waiter do themselves. */
function isOurs(event: Event): boolean {
  if (event.kind === "start")
    return event.argv.includes(NAP) || event.argv[0] === "bwrap" || event.argv.includes(WAITER);
  if (event.kind === "open")
    return /^(?:newroot|oldroot|\/newroot|\/oldroot|\/proc\/|self\/|[ug]id_map|setgroups)/.test(event.path);
  return event.kind === "remove" && /^\/?(?:newroot|oldroot)/.test(event.path);
}

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** bwrap's arguments: the system's programs and nothing else of this machine, no privileges, a home full of decoys. */
function sandbox({ plan, decoys }: Order, step: Step, world: string): string[] {
  const env = { PATH: SYSTEM_PATH, HOME, USER: "dev", LANG: "C.UTF-8", TERM: "dumb", ...decoys.env, ...step.env };
  return [
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "build-agent-7"],
    ...["--uid", "1000", "--gid", "1000", "--die-with-parent", "--new-session", "--clearenv"],
    ...["--ro-bind", "/usr", "/usr", ...["/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap(systemFolder)],
    ...["/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl"].flatMap((path) => ["--ro-bind-try", path, path]),
    ...Object.keys(ETC).flatMap((name) => ["--ro-bind", join(world, "etc", name), `/etc/${name}`]),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...[
      "--bind",
      join(world, "tmp"),
      "/tmp",
      "--bind",
      join(world, "home"),
      HOME,
      "--bind",
      join(world, "work"),
      "/work",
    ],
    ...plan.visible.flatMap((path) => ["--ro-bind", path, path]),
    ...(plan.artifact === undefined ? [] : ["--ro-bind", plan.artifact.from, plan.artifact.to]),
    ...Object.entries(env).flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--chdir", step.cwd],
  ];
}

function systemFolder(path: string): string[] {
  if (!existsSync(path)) return [];
  return lstatSync(path).isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

/** Processes that only the end of the sandbox ended; its own first process, the second in the log, is none of them. */
function leftRunning(log: string): number {
  const init = /^(\d{1,9}) .*\n(?:\1 .*\n)*(\d{1,9}) /.exec(log)?.[2];
  return [...log.matchAll(/^(\d{1,9}) {1,4}\+\+\+ killed by SIGKILL/gm)].filter(([, pid]) => pid !== init).length;
}

function readLog(path: string): { text: string; cut: boolean } {
  if (!existsSync(path)) return { text: "", cut: true };
  const { size } = statSync(path);
  const bytes = Buffer.alloc(Math.min(size, LOG_BYTES));
  const file = openSync(path, "r");
  readSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
  return { text: bytes.toString("latin1"), cut: size > LOG_BYTES };
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

import { EXIT } from "./commands/command.ts";
import { type ListedCommand, runProgram } from "./commands/program.ts";

const COMMANDS: readonly ListedCommand[] = [
  { name: "serve", load: async () => (await import("./commands/serve.ts")).serve },
  { name: "inspect", load: async () => (await import("./commands/inspect.ts")).inspect },
  { name: "detonate", load: async () => (await import("./commands/detonate.ts")).detonate },
  { name: "status", load: async () => (await import("./commands/status.ts")).status },
  { name: "doctor", load: async () => (await import("./commands/doctor.ts")).doctor },
  { name: "policy", load: async () => (await import("./commands/policy.ts")).policy },
  { name: "exceptions", load: async () => (await import("./commands/exceptions.ts")).exceptions },
  { name: "token", load: async () => (await import("./commands/token.ts")).token },
  { name: "ledger", load: async () => (await import("./commands/ledger.ts")).ledger },
  { name: "campaigns", load: async () => (await import("./commands/campaigns.ts")).campaigns },
  { name: "names", load: async () => (await import("./commands/names.ts")).names },
  { name: "advisories", load: async () => (await import("./commands/advisories.ts")).advisories },
  { name: "backup", load: async () => (await import("./commands/backup.ts")).backup },
  { name: "restore", load: async () => (await import("./commands/restore.ts")).restore },
];

/** A terminal signals the launcher and this process, and the launcher hands its own on: within this time both are one. */
const SAME_SIGNAL_MS = 1_000;
const interruption = new AbortController();
let interruptedAt = Number.POSITIVE_INFINITY;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    const code = signal === "SIGINT" ? EXIT.interrupted : 143;
    // Whoever asks twice does not want to wait.
    if (performance.now() - interruptedAt > SAME_SIGNAL_MS) process.exit(code);
    if (interruption.signal.aborted) return;
    interruptedAt = performance.now();
    process.exitCode = code;
    interruption.abort(signal);
  });
}
// A reader that has seen enough (`… | head`) is no trouble worth a message; whatever the program started ends with it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}

await runProgram(COMMANDS, process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: interruption.signal,
  finish: (code) => {
    if (!interruption.signal.aborted) process.exitCode = code;
  },
});

import { EXIT } from "./commands/command.ts";
import { type ListedCommand, runProgram } from "./commands/program.ts";

const COMMANDS: readonly ListedCommand[] = [
  { name: "serve", load: async () => (await import("./commands/serve.ts")).serve },
  { name: "inspect", load: async () => (await import("./commands/inspect.ts")).inspect },
  { name: "status", load: async () => (await import("./commands/status.ts")).status },
  { name: "doctor", load: async () => (await import("./commands/doctor.ts")).doctor },
  { name: "policy", load: async () => (await import("./commands/policy.ts")).policy },
  { name: "exceptions", load: async () => (await import("./commands/exceptions.ts")).exceptions },
  { name: "token", load: async () => (await import("./commands/token.ts")).token },
  { name: "ledger", load: async () => (await import("./commands/ledger.ts")).ledger },
  { name: "advisories", load: async () => (await import("./commands/advisories.ts")).advisories },
  { name: "backup", load: async () => (await import("./commands/backup.ts")).backup },
  { name: "restore", load: async () => (await import("./commands/restore.ts")).restore },
];

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    process.exitCode = signal === "SIGINT" ? EXIT.interrupted : 143;
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

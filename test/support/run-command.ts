import { Writable } from "node:stream";
import type { Command } from "../../src/commands/command.ts";
import { runProgram } from "../../src/commands/program.ts";

/** What a command printed and how it ended. */
export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command of the program in this process, with no terminal. */
export async function runCommand(command: Command, ...args: readonly string[]): Promise<CommandRun> {
  const told = { code: 0, stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") =>
    new Writable({
      write(chunk, _encoding, done) {
        told[name] += String(chunk);
        done();
      },
    });
  await runProgram([{ name: command.name, load: async () => command }], args, {
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    interrupted: new AbortController().signal,
    finish: (code) => {
      told.code = code;
    },
  });
  return told;
}

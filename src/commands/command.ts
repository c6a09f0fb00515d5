import type { Writable } from "node:stream";
import type { Command as Program } from "commander";

/** One command of the program, one file of this folder: `export const NAME: Command`; listed in main.ts by one line. */
export interface Command {
  readonly name: string;
  /** One line for the overview, without a final stop. */
  readonly summary: string;
  /** Declares the command with `program.command(name)…`; its action says how it ended with `context.finish`. */
  register(program: Program, context: CommandContext): void;
}

/** What a command may use of the process that it runs in. */
export interface CommandContext {
  /** Data only: what a caller may parse or pipe. */
  readonly stdout: Writable & { readonly isTTY?: boolean };
  /** Progress and trouble. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Aborted when the person or the system asks the program to end; a command then ends what it started and returns. */
  readonly interrupted: AbortSignal;
  /** Sets the exit code of the process. Does not end it: the action returns when its output is written. */
  finish(code: number): void;
}

/** Exit codes that mean the same in every command; commands document further ones of their own. */
export const EXIT = {
  ok: 0,
  refused: 1,
  usage: 64,
  unavailable: 69,
  bug: 70,
  forbidden: 77,
  configuration: 78,
  interrupted: 130,
} as const;

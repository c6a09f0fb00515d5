import { readFileSync } from "node:fs";
import { CommanderError, Command as Program } from "commander";
import { Refusal, type RefusalCode } from "../errors.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";

/** A command that is read from disk only when it is asked for, so that one command's start does not pay for all. */
export interface ListedCommand {
  readonly name: string;
  load(): Promise<Command>;
}

/** Runs the command that `args` (without interpreter and script) name; every failure becomes one sentence on stderr and an exit code. */
export async function runProgram(
  commands: readonly ListedCommand[],
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const program = describeProgram(context);
  const wanted = args.find((arg) => !arg.startsWith("-"));
  const chosen = commands.filter((command) => command.name === wanted);
  try {
    for (const listed of chosen.length > 0 ? chosen : commands) (await listed.load()).register(program, context);
    await program.parseAsync(args.length > 0 ? args : ["--help"], { from: "user" });
  } catch (error) {
    context.finish(report(error, context));
  }
}

function describeProgram(context: CommandContext): Program {
  return new Program("portcullis")
    .description("Package registry and install firewall: inspects every release before anyone can install it.")
    .version(programVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "explain the program or a command")
    .helpCommand("help [COMMAND]", "explain a command")
    .showHelpAfterError("(add --help for what is possible)")
    .addHelpText(
      "after",
      "\nExit codes: 0 well, 1 refused, 64 usage, 69 no server, 70 a bug, 77 not allowed, 78 configuration.",
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    });
}

/** The version in package.json. */
export function programVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}

const EXIT_OF_REFUSAL: { readonly [code in RefusalCode]?: number } = {
  USAGE: EXIT.usage,
  CONFIG_INVALID: EXIT.configuration,
  SERVER_UNREACHABLE: EXIT.unavailable,
  UPSTREAM_UNAVAILABLE: EXIT.unavailable,
  TOKEN_REQUIRED: EXIT.forbidden,
  TOKEN_INVALID: EXIT.forbidden,
  FORBIDDEN: EXIT.forbidden,
};

function report(error: unknown, context: CommandContext): number {
  // Commander has already printed its own complaint.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof Refusal) {
    context.stderr.write(`portcullis: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
    return EXIT_OF_REFUSAL[error.code] ?? EXIT.refused;
  }
  context.stderr.write(`portcullis: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.bug;
}

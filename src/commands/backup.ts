import { createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Refusal, refuse } from "../errors.ts";
import { openProgress } from "../lib/progress.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import { addConnectionOptions, type ConnectionOptions, connect } from "./server-connection.ts";

/** Saves everything that a running server keeps in one file. */
export const backup: Command = {
  name: "backup",
  summary: "save everything a running server keeps in one file",
  register(program, context) {
    addConnectionOptions(program.command("backup <FILE>").description(backup.summary))
      .option("--json", "say the result as JSON")
      .addHelpText("after", HELP)
      .action(async (file: string, options: BackupOptions) => run(file, options, context));
  },
};

interface BackupOptions extends ConnectionOptions {
  readonly json?: true;
}

const HELP = `
The server goes on meanwhile; the backup is of one moment. FILE is a tar for its owner only and must not exist yet. Secrets of
tokens are not in it, only what recognises them; the administrator's token is made anew by "portcullis restore".

Examples:
  portcullis backup portcullis-monday.tar
  portcullis backup portcullis.tar --url https://gate.example.invalid --token-file ./token`;

async function run(file: string, options: BackupOptions, context: CommandContext): Promise<void> {
  const path = resolve(file);
  const connection = await connect(options);
  const progress = openProgress(context.stderr);
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      progress.say(`${(bytes / 1e6).toFixed(0)} MB saved`);
      done(null, chunk);
    },
  });
  const unfinished = `${path}.unfinished`;
  try {
    await refuseToOverwrite(path);
    const stream = await connection.stream("POST", "/backup", context.interrupted);
    await pipeline(stream, counter, createWriteStream(unfinished, { mode: 0o600, flush: true }));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw asRefusal(error, connection.url);
  } finally {
    progress.close();
  }
  context.stdout.write(
    options.json ? `${JSON.stringify({ file: path, bytes })}\n` : `Saved ${bytes} bytes in ${path}\n`,
  );
  context.finish(EXIT.ok);
}

async function refuseToOverwrite(path: string): Promise<void> {
  try {
    await (await open(path, "r")).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  throw refuse("USAGE", { why: `${path} exists already; choose another name` });
}

function asRefusal(error: unknown, url: string): unknown {
  if (error instanceof Refusal) return error;
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC") return refuse("DISK_FULL", { what: "the backup" });
  if (syscall !== undefined && code !== "ECONNRESET") return refuse("USAGE", { why: message });
  return refuse("SERVER_UNREACHABLE", { url, why: `the backup broke off: ${message}` });
}

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { refuse } from "../errors.ts";
import { openProgress } from "../lib/progress.ts";
import { loadSettings } from "../load-config.ts";
import { openApp, writeAdminToken } from "../open-app.ts";
import { type Restored, restoreBackup } from "../storage/restore.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";

/** Makes a data folder from a backup. */
export const restore: Command = {
  name: "restore",
  summary: "make a new data folder from a backup",
  register(program, context) {
    program
      .command("restore <FILE>")
      .description(restore.summary)
      .option("--data <DIR>", "data folder to make; it must be empty or not there yet (default: ./data)")
      .option("--config <FILE>", "configuration file that names the data folder")
      .option("--json", "say the result as JSON")
      .addHelpText("after", HELP)
      .action(async (file: string, options: RestoreOptions) => run(file, options, context));
  },
};

interface RestoreOptions {
  readonly data?: string;
  readonly config?: string;
  readonly json?: true;
}

const HELP = `
Every file is checked against its digest; a backup that was cut short or changed is refused and leaves nothing. Tokens go on
working, and a new administrator's token is written to DATA/admin-token. Needs no running server.

Examples:
  portcullis restore portcullis-monday.tar --data /var/lib/portcullis`;

async function run(file: string, { json, ...flags }: RestoreOptions, context: CommandContext): Promise<void> {
  const path = resolve(file);
  const { config } = await loadSettings(flags);
  const size = await sizeOf(path);
  const progress = openProgress(context.stderr);
  const onProgress = (bytes: number) => progress.say(`${Math.floor((100 * bytes) / Math.max(size, 1))} % restored`);
  let restored: Restored;
  try {
    restored = await restoreBackup(path, config.data, { onProgress });
  } finally {
    progress.close();
  }
  const app = await openApp(config);
  const adminToken = await writeAdminToken(app, config.data, "restore").finally(() => app.close());
  context.stdout.write(
    json
      ? `${JSON.stringify({ data: config.data, adminToken, ...restored })}\n`
      : sentence(config.data, adminToken, restored),
  );
  context.finish(EXIT.ok);
}

function sentence(data: string, adminToken: string, { blobs, documents, missing, madeAt }: Restored): string {
  const gone = missing > 0 ? `; ${missing} that were missing already are fetched again when somebody asks` : "";
  return (
    `Restored the backup of ${new Date(madeAt).toISOString()} to ${data}: ${blobs + documents} files${gone}.\n` +
    `A new administrator's token was written to ${adminToken}. Start with: portcullis serve --data ${data}\n`
  );
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw refuse("USAGE", { why: `The backup cannot be read: ${(error as Error).message}` });
  }
}

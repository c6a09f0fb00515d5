import { Option, type Command as Program } from "commander";
import { z } from "zod";
import { writeTable } from "../lib/table.ts";
import { askFor } from "./ask-for.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import { readFuture, serverTime, writeMoment } from "./moments.ts";
import { addConnectionOptions, type ConnectionOptions, connect, type ServerConnection } from "./server-connection.ts";

/** Makes, lists and ends the tokens by which the ledger knows people and CI jobs. */
export const token: Command = {
  name: "token",
  summary: "create, list and revoke tokens of people and CI jobs",
  register(program, context) {
    const group = program.command("token").description(token.summary).addHelpText("after", HELP);
    declareCreate(group, context);
    addConnectionOptions(group.command("list").description("list tokens, without their secrets"))
      .option("--all", "also those that have expired or were revoked")
      .option("--json", "print JSON")
      .action(async (options: ListOptions) => list(options, context));
    addConnectionOptions(group.command("revoke").argument("<name>").description("end a token at once"))
      .option("--json", "print JSON")
      .action(async (name: string, options: JsonOptions) => revoke(name, options, context));
  },
};

interface JsonOptions extends ConnectionOptions {
  readonly json?: true;
}

interface ListOptions extends JsonOptions {
  readonly all?: true;
}

interface CreateOptions extends JsonOptions {
  readonly name: string;
  readonly kind: "person" | "ci" | "admin";
  readonly expires?: string;
}

const HELP = `
A token names who installs: every file served or withheld is recorded with it. It needs an administrator's token to make one;
the first start of the server wrote one to DATA/admin-token.

Examples:
  portcullis token create --name ada
  portcullis token create --name web-ci --kind ci --expires 90d > web-ci.token
  portcullis token list
  portcullis token revoke web-ci`;

const CREATE_HELP = `
The secret is printed once, alone, on standard output; the server keeps only what recognises it. How to give it to each client is
told on standard error.

Exit codes: 0 created, 1 refused (the name is in use), 64 usage, 69 no server, 77 not an administrator's token.

Examples:
  portcullis token create --name ada
  TOKEN=$(portcullis token create --name web-ci --kind ci --expires 90d)`;

function declareCreate(group: Program, context: CommandContext): void {
  addConnectionOptions(group.command("create").description("make a token and print its secret, this once"))
    .requiredOption("--name <NAME>", "who it is: a person or a CI job")
    .addOption(
      new Option("--kind <KIND>", "person and ci install; admin also changes things")
        .choices(["person", "ci", "admin"])
        .default("person"),
    )
    .option("--expires <WHEN>", "when it ends: 90d, 12h or a date (default: when it is revoked)")
    .option("--json", "print JSON, without guidance")
    .addHelpText("after", CREATE_HELP)
    .action(async (options: CreateOptions) => create(options, context));
}

const createdSchema = z.object({ id: z.number(), secret: z.string() });

async function create(options: CreateOptions, { stdout, stderr, finish }: CommandContext): Promise<void> {
  const { name, kind, expires, json } = options;
  const connection = await connect(options);
  const expiresAt = expires === undefined ? undefined : readFuture("--expires", expires, await serverTime(connection));
  const wanted = { name, kind, ...(expiresAt !== undefined && { expiresAt }) };
  const { id, secret } = await askFor(connection, createdSchema, "POST", "/tokens", wanted);
  if (json) stdout.write(`${JSON.stringify({ id, name, kind, expiresAt: expiresAt ?? null, secret })}\n`);
  else {
    stdout.write(`${secret}\n`);
    stderr.write(guidance(await publicRoot(connection), name, expiresAt));
  }
  finish(EXIT.ok);
}

const statusSchema = z.object({ feeds: z.array(z.object({ feed: z.string(), base: z.string() })) });

/** The server's URL as clients write it, which is not always the one that this command used. */
async function publicRoot(connection: ServerConnection): Promise<string> {
  const { feeds } = await askFor(connection, statusSchema, "GET", "/status");
  return feeds.find(({ feed }) => feed === "default/npm")?.base.replace(/\/npm$/, "") ?? connection.url;
}

function guidance(root: string, name: string, expiresAt: number | undefined): string {
  const { protocol, host, pathname } = new URL(root);
  const path = `${host}${pathname.replace(/\/$/, "")}`;
  const machine = new URL(root).hostname;
  return `
The token of ${name} is above, this once${expiresAt === undefined ? "" : `; it ends at ${writeMoment(expiresAt)}`}. With TOKEN=<that text>:

  pip, uv, poetry, pdm
                    a line in ~/.netrc (mode 600; on Windows ~/_netrc):
                      machine ${machine} login ${name} password TOKEN
                    or in the URL:
                      pip config set global.index-url ${protocol}//${encodeURIComponent(name)}:TOKEN@${path}/pypi/simple/
  npm, pnpm, bun    npm config set //${path}/npm/:_authToken TOKEN
  yarn 1            the same, and the line always-auth=true in ~/.npmrc
  yarn 4            yarn config set --home npmAuthToken TOKEN && yarn config set --home npmAlwaysAuth true
  dotnet, nuget     dotnet nuget update source portcullis --source ${root}/nuget/v3/index.json \\
                      --username ${name} --password TOKEN --store-password-in-clear-text
  portcullis        PORTCULLIS_TOKEN=TOKEN, or --token-file FILE
`;
}

const listSchema = z.object({
  tokens: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      createdAt: z.number(),
      createdBy: z.string(),
      expiresAt: z.number().nullable(),
      revokedAt: z.number().nullable(),
      lastUsedAt: z.number().nullable(),
    }),
  ),
});

async function list(options: ListOptions, { stdout, finish }: CommandContext): Promise<void> {
  const connection = await connect(options);
  const { tokens } = await askFor(connection, listSchema, "GET", "/tokens");
  const now = await serverTime(connection);
  const isLive = ({ revokedAt, expiresAt }: (typeof tokens)[number]) =>
    revokedAt === null && (expiresAt === null || expiresAt > now);
  const shown = options.all ? tokens : tokens.filter(isLive);
  const rows = shown.map((one) => [
    one.name,
    one.kind,
    one.revokedAt !== null ? "revoked" : isLive(one) ? "live" : "expired",
    writeMoment(one.createdAt),
    one.createdBy,
    writeMoment(one.expiresAt),
    writeMoment(one.lastUsedAt),
  ]);
  const table = writeTable(["NAME", "KIND", "STATE", "CREATED", "BY", "EXPIRES", "LAST USED"], rows);
  stdout.write(options.json ? `${JSON.stringify({ tokens: shown })}\n` : table);
  finish(EXIT.ok);
}

async function revoke(name: string, options: JsonOptions, { stdout, finish }: CommandContext): Promise<void> {
  await (await connect(options)).ask("DELETE", `/tokens/${encodeURIComponent(name)}`);
  stdout.write(
    options.json ? `${JSON.stringify({ revoked: name })}\n` : `Revoked ${name}; it is refused from now on.\n`,
  );
  finish(EXIT.ok);
}

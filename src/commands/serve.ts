import { once } from "node:events";
import type { Config } from "../config.ts";
import { CLIENT_COMMANDS, commandAt } from "../http/page-texts.ts";
import { type RunningServer, startServer } from "../http/server.ts";
import { openIntake } from "../intake/intake.ts";
import { keepHeapLean } from "../lib/lean-heap.ts";
import { type LoadedConfig, loadConfig } from "../load-config.ts";
import { type OpenedApp, openApp } from "../open-app.ts";
import { DEFAULT_FEED, defaultUpstream, openFeeds } from "../policy/feeds.ts";
import { recordPolicies } from "../policy/policies.ts";
import { announceServer } from "../server-address.ts";
import type { Command, CommandContext } from "./command.ts";
import { addConfigOptions, type ConfigOptions } from "./config-options.ts";
import { useKeptLists } from "./names/kept.ts";

/** Runs the gate until it is asked to stop. */
export const serve: Command = {
  name: "serve",
  summary: "run the gate: everything embedded, until Ctrl-C",
  register(program, context) {
    addConfigOptions(program.command("serve").description(serve.summary))
      .addHelpText("after", HELP)
      .action(async (options: ConfigOptions) => run(options, context));
  },
};

const HELP = `
The first start makes the data folder and writes an administrator's token to DATA/admin-token.
Upstreams that are not given are discovered from the configuration of pip, npm and NuGet on this machine.

Examples:
  portcullis serve
  portcullis serve --port 9000 --data /var/lib/portcullis
  portcullis serve --upstream-npm https://npm.example.invalid/ --upstream-pypi none`;

async function run(options: ConfigOptions, context: CommandContext): Promise<void> {
  keepHeapLean();
  const loaded = await loadConfig(options);
  const app = await openApp(loaded.config);
  try {
    for (const wrong of await useKeptLists(loaded.config.data)) app.log.warn({}, wrong);
    const feeds = openFeeds(loaded.config);
    await recordPolicies(app, feeds);
    const intake = openIntake(app, feeds);
    try {
      const server = await startServer(intake);
      await announceServer(loaded.config.data, server.localUrl);
      context.stdout.write(greeting(loaded, app, server));
      if (!context.interrupted.aborted) await once(context.interrupted, "abort");
      context.stderr.write("portcullis: stopping; requests under way may end\n");
      await server.close();
    } finally {
      await intake.close();
    }
  } finally {
    await app.close();
  }
}

/** What a new user needs: where to point her clients, and where her token is. */
function greeting({ config, warnings }: LoadedConfig, app: OpenedApp, { url }: RunningServer): string {
  const feeds = openFeeds(config);
  const lines = [`Portcullis serves on ${url}`, ""];
  for (const feed of feeds.all.filter(({ name }) => name === DEFAULT_FEED)) {
    const upstream = defaultUpstream(feed);
    const base = `${url}/${feed.ecosystem}`;
    const state = upstream
      ? `upstream ${new URL(upstream.url).host}`
      : `no upstream: set --upstream-${feed.ecosystem} URL`;
    lines.push(`  ${feed.ecosystem.padEnd(6)} ${CLIENT_URL[feed.ecosystem].replace("{base}", base)}  (${state})`);
    const [first] = CLIENT_COMMANDS[feed.ecosystem];
    lines.push(`         ${commandAt(first!, base)}`);
  }
  for (const name of Object.keys(config.feeds)) lines.push(`  feed ${name}: ${url}/f/${name}/pypi/simple/ and so on`);
  lines.push("", `  data   ${config.data}`);
  if (app.adminTokenFile) lines.push(`  token  an administrator's token was written to ${app.adminTokenFile}`);
  for (const warning of warnings) lines.push(`  note   ${warning}`);
  return `${lines.join("\n")}\n`;
}

const CLIENT_URL: Readonly<Record<keyof Config["private"], string>> = {
  pypi: "{base}/simple/",
  npm: "{base}/",
  nuget: "{base}/v3/index.json",
};

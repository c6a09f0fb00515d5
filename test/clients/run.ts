import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Client, Unavailable } from "./client.ts";
import { npmClients } from "./npm-clients.ts";
import { nugetClient } from "./nuget-client.ts";
import { programsFolder, refreshPrograms } from "./programs.ts";
import { pythonClients } from "./python-clients.ts";
import { SCENARIOS, type Trial } from "./scenarios.ts";
import { catchStrays } from "./strays.ts";
import { openWorld, type World } from "./world.ts";

/**
 * Runs real clients against real gates before a fake upstream: npm run test:clients [-- --only WORD] [--verbose] [--refresh].
 * Client programs are installed once, from the machine's registries, into a cache outside the repository.
 */
const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    verbose: { type: "boolean", default: false },
    refresh: { type: "boolean", default: false },
  },
});

const AT_ONCE = 2;
const totals = { passed: 0, failed: 0, skipped: 0 };

if (values.refresh) refreshPrograms();
mkdirSync(programsFolder, { recursive: true });
const all = [...npmClients, ...pythonClients, nugetClient];
const chosen = all.filter(
  ({ name, ecosystem }) =>
    values.only.length === 0 || values.only.some((word) => name.includes(word) || ecosystem === word),
);
if (chosen.length === 0) {
  console.error(`no client is called ${values.only.join(", ")}; there are ${all.map(({ name }) => name).join(", ")}`);
  process.exit(64);
}
const world = await openWorld();
try {
  const waiting = [...chosen];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let client = waiting.shift(); client; client = waiting.shift()) await tryClient(world, client);
    }),
  );
} finally {
  await world.close();
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 ? 1 : 0;

/** Everything that one client is tried at, printed as one block. */
async function tryClient(at: World, client: Client): Promise<void> {
  const startedAt = performance.now();
  const lines: string[] = [];
  const strays = await catchStrays();
  try {
    const program = await client.open();
    const slug = client.name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/-+$/, "");
    at.publish(client.ecosystem, slug);
    for (const scenario of SCENARIOS) {
      const trial: Trial = { world: at, client, program, slug, strays, transcript: [] };
      lines.push(...(await tryScenario(scenario, trial)));
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    lines.unshift(`${client.name} ${program.version} (${seconds} s)`);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    totals.skipped += SCENARIOS.length;
    lines.unshift(`${client.name}: skipped, ${error.message}`);
  } finally {
    strays.close();
  }
  console.log(lines.join("\n"));
}

async function tryScenario(scenario: (typeof SCENARIOS)[number], trial: Trial): Promise<string[]> {
  try {
    await scenario.run(trial);
    totals.passed++;
    return [`  ok      ${scenario.name}`, ...(values.verbose ? indented(trial.transcript) : [])];
  } catch (error) {
    totals.failed++;
    return [`  FAILED  ${scenario.name}: ${(error as Error).message}`, ...indented(trial.transcript)];
  }
}

function indented(transcript: readonly string[]): string[] {
  return transcript.flatMap((text) => text.split("\n").map((line) => `          ${line.slice(0, 400)}`));
}

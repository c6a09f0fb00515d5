import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { purlOf } from "../../src/policy/rules.ts";
import type { Client, Prints, Program } from "./client.ts";
import { RANGES, toolName } from "./packages.ts";
import { makePlace, type Place, removePlace } from "./place.ts";
import { type Command, type Outcome, runCommands, squash } from "./run-command.ts";
import type { Strays } from "./strays.ts";
import type { GateName, World } from "./world.ts";

/** One thing that one client is tried at. */
export interface Scenario {
  readonly name: string;
  run(trial: Trial): Promise<void>;
}

/** A client in the world. */
export interface Trial {
  readonly world: World;
  readonly client: Client;
  readonly program: Program;
  /** Part of the names of the packages that this client has to itself. */
  readonly slug: string;
  readonly strays: Strays;
  /** What was run, for the report of a failure. */
  readonly transcript: string[];
}

/** Seconds that one step of one client may take. */
const STEP_SECONDS = 90;

export const SCENARIOS: readonly Scenario[] = [
  { name: "a range resolves around the withheld version, and the files are there", run: range },
  { name: "an exact request for the withheld version fails and says why", run: exact },
  { name: "a range that only the withheld version matches fails", run: onlyWithheld },
  {
    name: "the first contact with a malicious version fails and says why; the next install takes the version below",
    run: firstContact,
  },
  { name: "a lock file from before the version was withheld fails and says why", run: locked },
  { name: "a file whose inspection takes longer than a request waits", run: waiting },
  { name: "a token is asked for and shown, and the ledger names its owner", run: token },
  { name: "nobody but the gate was asked", run: strays },
];

async function range(trial: Trial): Promise<void> {
  const place = placeAt(trial, "open", { app: wishes(trial).any });
  const { client } = trial;
  succeeds(await run(trial, client.install(place, trial.program)));
  isInstalled(trial, place, { app: "1.0.0", mixed: "1.0.0", [toolName(client.ecosystem)]: "1.1.0", good: "1.1.0" });
  removePlace(place);
}

async function exact(trial: Trial): Promise<void> {
  const place = placeAt(trial, "open", { mixed: wishes(trial).exact });
  await mustFail(trial, place, "mixed", trial.client.install(place, trial.program), trial.client.prints.exact);
}

async function onlyWithheld(trial: Trial): Promise<void> {
  const place = placeAt(trial, "open", { only: wishes(trial).any });
  await mustFail(trial, place, "mixed", trial.client.install(place, trial.program), trial.client.prints.onlyWithheld);
}

async function firstContact(trial: Trial): Promise<void> {
  const name = `first-${trial.slug}`;
  const place = placeAt(trial, "open", { [name]: wishes(trial).any });
  const commands = trial.client.install(place, trial.program);
  prints(trial, place, name, fails(await run(trial, commands)), trial.client.prints.firstContact);
  isInstalled(trial, place, { [name]: undefined });
  // In the same place: what the client keeps of the first try must not stand in the way.
  const again = trial.client.afterFirstContact?.(place, trial.program, name) ?? commands;
  succeeds(await run(trial, again));
  isInstalled(trial, place, { [name]: "1.0.0" });
  removePlace(place);
}

async function locked(trial: Trial): Promise<void> {
  const { client, program, world } = trial;
  const name = `turned-${trial.slug}`;
  const before = placeAt(trial, "open", { [name]: wishes(trial).any });
  succeeds(await run(trial, client.install(before, program)));
  isInstalled(trial, before, { [name]: "1.1.0" });
  await world.reportMalware(client.ecosystem, name);
  const place = placeAt(trial, "open", { [name]: wishes(trial).any });
  for (const file of client.lockFiles) copyFileSync(join(before.app, file), join(place.app, file));
  removePlace(before);
  await mustFail(trial, place, name, client.installLocked(place, program), client.prints.locked);
}

async function waiting(trial: Trial): Promise<void> {
  const { client, program } = trial;
  const name = `slow-${trial.slug}`;
  const place = placeAt(trial, "busy", { [name]: wishes(trial).any });
  const outcome = await run(trial, client.install(place, program));
  const { waiting: expected } = client;
  if (expected.installs === "always") succeeds(outcome);
  if (expected.installs === "never") fails(outcome);
  if (expected.installs !== "always" && outcome.code !== 0) {
    prints(trial, place, name, fails(outcome), expected.prints);
    succeeds(await run(trial, client.install(place, program)));
  }
  isInstalled(trial, place, { [name]: "1.1.0" });
  removePlace(place);
}

async function token(trial: Trial): Promise<void> {
  const { client, program, world, slug } = trial;
  const stranger = placeAt(trial, "members", { good: wishes(trial).any });
  fails(await run(trial, client.install(stranger, program)));
  isInstalled(trial, stranger, { good: undefined });
  removePlace(stranger);
  const place = placeAt(trial, "members", { good: wishes(trial).any }, await world.createToken(slug));
  succeeds(await run(trial, client.install(place, program)));
  isInstalled(trial, place, { good: "1.1.0" });
  removePlace(place);
  const rows = await world.ledgerOf(`ci:${slug}`);
  if (!rows.some((row) => row.outcome === "served" && row.project === "good" && row.version === "1.1.0"))
    throw new Error(`the ledger has no row for ci:${slug}: ${JSON.stringify(rows)}`);
}

async function strays(trial: Trial): Promise<void> {
  if (trial.strays.seen.length > 0) throw new Error(`it asked ${[...new Set(trial.strays.seen)].join(", ")}`);
}

function wishes({ client }: Trial) {
  return RANGES[client.ecosystem];
}

function placeAt(trial: Trial, gate: GateName, needs: Place["needs"], secret?: string): Place {
  const { world, client } = trial;
  const place = makePlace(world.folder, {
    url: world.url(gate, client.ecosystem),
    needs,
    strayProxy: trial.strays.url,
    ...(secret !== undefined && { token: secret }),
  });
  client.prepare(place);
  return place;
}

async function run(trial: Trial, commands: readonly Command[]): Promise<Outcome> {
  const outcome = await runCommands(commands, STEP_SECONDS);
  const lines = commands.map(({ argv }) => `$ ${argv.join(" ")}`);
  trial.transcript.push(
    `${lines.join("\n")}\n${outcome.output.trimEnd()}\n[${outcome.code}, ${outcome.seconds.toFixed(1)} s]`,
  );
  return outcome;
}

async function mustFail(
  trial: Trial,
  place: Place,
  name: string,
  commands: readonly Command[],
  expected: Prints,
): Promise<void> {
  prints(trial, place, name, fails(await run(trial, commands)), expected);
  isInstalled(trial, place, { [name]: undefined });
  removePlace(place);
}

function succeeds(outcome: Outcome): void {
  if (outcome.code !== 0) throw new Error(`it ended with ${outcome.code}`);
}

function fails(outcome: Outcome): Outcome {
  if (outcome.code === 0) throw new Error("it succeeded");
  if (outcome.code === 124 || outcome.code === 127)
    throw new Error(`it did not come to an end by itself (${outcome.code})`);
  return outcome;
}

function isInstalled({ client }: Trial, place: Place, expected: Readonly<Record<string, string | undefined>>): void {
  for (const [name, version] of Object.entries(expected)) {
    const found = client.installed(place, name);
    if (found !== version)
      throw new Error(`${name} ${version ?? "nothing"} was expected on disk, and it is ${found ?? "nothing"}`);
  }
}

function prints({ client }: Trial, place: Place, name: string, { output }: Outcome, expected: Prints): void {
  const { ecosystem } = client;
  const values: Readonly<Record<string, string>> = {
    purl: purlOf(ecosystem, name, "1.1.0"),
    file: FILE[ecosystem](name),
    why: `/why/default/${ecosystem}/${name}/`,
    base: place.url,
    name,
  };
  const said = squash(output);
  const missing = expected
    .map((text) => text.replace(/\{(\w+)\}/g, (all, key: string) => values[key] ?? all))
    .filter((text) => !said.includes(squash(text)));
  if (missing.length > 0) throw new Error(`it did not print: ${missing.join(" | ")}`);
}

const FILE: Readonly<Record<Client["ecosystem"], (name: string) => string>> = {
  npm: (name) => `${name}-1.1.0.tgz`,
  pypi: (name) => `${name.replaceAll("-", "_")}-1.1.0-py3-none-any.whl`,
  nuget: (name) => `${name}.1.1.0.nupkg`,
};

import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Client, Prints, Program } from "./client.ts";
import { credentialsOf, findFile, memberOf, type Place } from "./place.ts";
import { npmProgram, ownProgram } from "./programs.ts";

type Arguments = readonly string[];

interface NpmLike extends Pick<Client, "name" | "open" | "prints" | "waiting"> {
  readonly install: Arguments;
  readonly installLocked: Arguments;
  /** Arguments with which a failed first contact is overcome. */
  readonly afterFirstContact?: Arguments;
  readonly lockFile: string;
  readonly configure?: (place: Place) => void;
}

/** The sentence about the withheld version. */
const SENTENCE = "{purl} was inspected and found malicious";
const ADVISORY = "{purl} is known malware (MAL-2026-{name}, own)";
/** The address that says by itself what happened. */
const BLOCKED_URL = "{base}/{name}/-/BLOCKED-BY-PORTCULLIS/malicious/{file}";
/** The same for an address that a client had from before. */
const LED_URL = "{base}/{name}/-/BLOCKED-BY-PORTCULLIS/withheld/{file}";
const PLAIN_URL = "{base}/{name}/-/{file}";

const NPM = {
  install: ["install", "--no-fund"],
  installLocked: ["ci", "--no-fund"],
  lockFile: "package-lock.json",
  prints: {
    firstContact: [SENTENCE],
    exact: ["E403", "Could not download {name}@1.1.0 due to policy violations", SENTENCE, "{why}"],
    onlyWithheld: ["E403", SENTENCE, "{why}"],
    locked: [ADVISORY],
  },
  waiting: { installs: "always" },
} as const;

const PNPM = {
  install: ["install", "--no-frozen-lockfile"],
  installLocked: ["install", "--frozen-lockfile"],
  lockFile: "pnpm-lock.yaml",
  waiting: { installs: "always" },
} as const;

const hidden = (...texts: string[]): Prints => texts;

/** The clients of npm packages. */
export const npmClients: readonly Client[] = [
  npmLike({ ...NPM, name: "npm (machine's)", open: () => ownProgram("npm") }),
  npmLike({ ...NPM, name: "npm", open: () => npmProgram("npm", "npm@latest", "npm/bin/npm-cli.js") }),
  npmLike({
    ...PNPM,
    name: "pnpm 10",
    open: () => npmProgram("pnpm-10", "pnpm@10", "pnpm/bin/pnpm.cjs"),
    prints: {
      firstContact: [SENTENCE, PLAIN_URL],
      exact: hidden("No matching version found for {name}@1.1.0"),
      onlyWithheld: hidden("No matching version found for {name}@^1.1.0"),
      locked: [ADVISORY, PLAIN_URL],
    },
  }),
  npmLike({
    ...PNPM,
    name: "pnpm",
    open: () => npmProgram("pnpm", "pnpm@latest", ".bin/pnpm"),
    // With a minimum age in force it does not ask again about what it read within that age.
    afterFirstContact: [...PNPM.install, "--config.minimumReleaseAge=0"],
    prints: {
      firstContact: ["403", PLAIN_URL],
      exact: ["403", BLOCKED_URL],
      onlyWithheld: ["403", BLOCKED_URL],
      locked: ["403", PLAIN_URL],
    },
  }),
  npmLike({
    name: "yarn 1",
    open: () => npmProgram("yarn-1", "yarn@1", "yarn/bin/yarn.js"),
    install: ["install"],
    installLocked: ["install", "--frozen-lockfile"],
    lockFile: "yarn.lock",
    configure(place) {
      writeFileSync(join(place.app, ".yarnrc"), `registry "${place.url}/"\n`);
      appendFileSync(join(place.app, ".npmrc"), "always-auth=true\n");
    },
    prints: {
      firstContact: ["403 Forbidden", PLAIN_URL],
      exact: hidden(`Couldn't find any versions for "{name}" that matches "1.1.0"`),
      onlyWithheld: hidden(`Couldn't find any versions for "{name}" that matches "^1.1.0"`),
      locked: ["403 Forbidden", PLAIN_URL],
    },
    waiting: { installs: "never", prints: ["503 Service Unavailable", PLAIN_URL] },
  }),
  npmLike({
    name: "yarn 4",
    open: () => npmProgram("yarn-4", "@yarnpkg/cli-dist@latest", "@yarnpkg/cli-dist/bin/yarn.js"),
    install: ["install", "--no-immutable"],
    installLocked: ["install", "--immutable"],
    lockFile: "yarn.lock",
    configure: writeYarnrc,
    prints: {
      firstContact: [SENTENCE, PLAIN_URL],
      exact: [SENTENCE, BLOCKED_URL],
      onlyWithheld: [SENTENCE, BLOCKED_URL],
      locked: [ADVISORY, PLAIN_URL],
    },
    waiting: { installs: "always" },
  }),
  npmLike({
    name: "bun",
    open: () => npmProgram("bun", "bun@latest", ".bin/bun"),
    install: ["install"],
    installLocked: ["install", "--frozen-lockfile"],
    lockFile: "bun.lock",
    prints: {
      firstContact: ["403", LED_URL],
      exact: [SENTENCE, "{why}", BLOCKED_URL],
      onlyWithheld: ["403", BLOCKED_URL],
      locked: ["403", LED_URL],
    },
    waiting: { installs: "always" },
  }),
  npmLike({
    name: "deno",
    open: () => npmProgram("deno", "deno@latest", ".bin/deno"),
    install: ["install"],
    installLocked: ["install", "--frozen"],
    // What it once read of a package it keeps for good.
    afterFirstContact: ["install", "--reload"],
    lockFile: "deno.lock",
    prints: {
      firstContact: [SENTENCE, "{why}"],
      exact: hidden("Could not find npm package '{name}' matching '1.1.0'"),
      onlyWithheld: hidden("Could not find npm package '{name}' matching '^1.1.0'"),
      locked: [ADVISORY],
    },
    waiting: { installs: "always" },
  }),
];

function npmLike(client: NpmLike): Client {
  const run = (place: Place, program: Program, args: Arguments) => [place.command([...program.command, ...args])];
  return {
    name: client.name,
    ecosystem: "npm",
    open: client.open,
    prints: client.prints,
    waiting: client.waiting,
    ...(client.afterFirstContact && {
      afterFirstContact: (place: Place, program: Program) => run(place, program, client.afterFirstContact!),
    }),
    lockFiles: [client.lockFile],
    prepare(place) {
      writeManifest(place);
      client.configure?.(place);
    },
    install: (place, program) => run(place, program, client.install),
    installLocked: (place, program) => run(place, program, client.installLocked),
    installed(place, name) {
      const manifest = findFile(place.app, (path) => path.endsWith(join("node_modules", name, "package.json")));
      return manifest && memberOf(manifest, "version");
    },
  };
}

/** package.json and the .npmrc that all of them but yarn 4 read. */
function writeManifest(place: Place): void {
  const manifest = { name: "application", version: "1.0.0", private: true, dependencies: place.needs };
  writeFileSync(join(place.app, "package.json"), JSON.stringify(manifest));
  const { host } = credentialsOf(place);
  const lines = [`registry=${place.url}/`];
  if (place.token !== undefined) lines.push(`//${host}/npm/:_authToken=${place.token}`);
  writeFileSync(join(place.app, ".npmrc"), `${lines.join("\n")}\n`);
}

function writeYarnrc(place: Place): void {
  const lines = [
    `npmRegistryServer: "${place.url}/"`,
    "unsafeHttpWhitelist: [127.0.0.1]",
    "enableTelemetry: false",
    "nodeLinker: node-modules",
  ];
  if (place.token !== undefined) lines.push("npmAlwaysAuth: true", `npmAuthToken: "${place.token}"`);
  writeFileSync(join(place.app, ".yarnrc.yml"), `${lines.join("\n")}\n`);
  // Without a lock file of its own, yarn 4 takes a folder further up for the project.
  writeFileSync(join(place.app, "yarn.lock"), "", { flag: "a" });
}

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "./folders.ts";

/** A user's machine for commands that look at its clients: a home, a project and a PATH with nothing on it but what the test puts there. */
export interface FakeMachine {
  readonly home: string;
  readonly project: string;
  /** Puts a client on the PATH (or in another folder) that answers these arguments and fails at any other. */
  client(name: string, answers: Readonly<Record<string, string>>, folder?: string): void;
  /** Writes a file below the home or the project, e.g. `home/.npmrc`, and gives its path. */
  write(path: string, text: string): string;
  /** `NAME in FOLDER` of every run of a fake client so far. */
  runs(): readonly string[];
  set(variables: Readonly<Record<string, string>>): void;
}

/** Replaces the variables of this process until the test ends. */
export function fakeMachine(test: Pick<TestContext, "after">): FakeMachine {
  const root = temporaryFolder();
  const [home, project, bin] = ["home", "project", "bin"].map((name) => join(root, name)) as [string, string, string];
  for (const folder of [home, project, bin]) mkdirSync(folder);
  const log = join(root, "runs");
  const before = { ...process.env };
  replaceEnvironment({
    PATH: bin,
    HOME: home,
    USERPROFILE: home,
    NUGET_COMMON_APPLICATION_DATA: join(root, "machine"),
    XDG_CONFIG_HOME: join(home, ".config"),
    ...(before["SystemRoot"] !== undefined && { SystemRoot: before["SystemRoot"] }),
    ...(before["ComSpec"] !== undefined && { ComSpec: before["ComSpec"] }),
  });
  test.after(() => replaceEnvironment(before));
  return {
    home,
    project,
    client: (name, answers, folder = bin) => writeClient(folder, name, answers, log),
    write(path, text) {
      const file = join(root, path);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    runs: () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []),
    set: (variables) => void Object.assign(process.env, variables),
  };
}

function replaceEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) process.env[name] = value;
}

function writeClient(folder: string, name: string, answers: Readonly<Record<string, string>>, log: string): void {
  mkdirSync(folder, { recursive: true });
  const script = join(folder, `${name}-client.mjs`);
  writeFileSync(
    script,
    `import { appendFileSync } from "node:fs";
appendFileSync(${JSON.stringify(log)}, ${JSON.stringify(name)} + " in " + process.cwd() + "\\n");
const answer = ${JSON.stringify(answers)}[process.argv.slice(2).join(" ")];
if (answer === undefined) process.exit(1);
process.stdout.write(answer);
`,
  );
  const windows = process.platform === "win32";
  const launcher = join(folder, windows ? `${name}.cmd` : name);
  const start = `"${process.execPath}" "${script}"`;
  writeFileSync(launcher, windows ? `@${start} %*\r\n` : `#!/bin/sh\nexec ${start} "$@"\n`);
  chmodSync(launcher, 0o755);
}

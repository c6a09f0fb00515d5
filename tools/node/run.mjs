// Runs the Node.js that Portcullis needs with the arguments given: the machine's own when it is new enough, else the one in
// the per-platform npm package pinned in package-lock.json beside this file, installed on first need (about 50 MB).
// Plain JavaScript that Node 18 and later read, because it runs before the right Node is known.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** The oldest Node.js major whose permission model denies the network, which the inspector process relies on. */
export const NEEDED_MAJOR = 26;

/** Whether the Node.js that runs this file is new enough. */
export const ownNodeIsEnough = Number(process.versions.node.split(".")[0]) >= NEEDED_MAJOR;

/** The path of a Node.js that is new enough; installs one from the npm registry when the machine has none. */
export function nodePath() {
  if (ownNodeIsEnough) return process.execPath;
  const found = installedNode();
  if (found) return found;
  console.error(
    `portcullis: this machine has Node.js ${process.versions.node}; installing Node.js ${NEEDED_MAJOR} beside Portcullis (once, about 50 MB) …`,
  );
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = spawnSync(npm, args, { cwd: here, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  const installed = installedNode();
  if (installed) return installed;
  console.error(
    `portcullis: could not install it (npm ended with ${done.status ?? done.error?.message}). ` +
      `Install Node.js ${NEEDED_MAJOR} or newer, or run "npm ci" in ${here}, and try again.`,
  );
  process.exit(70);
}

/** Runs the needed Node.js with `args`, hands signals on, and ends with its exit code. */
export function runNode(args) {
  const node = nodePath();
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`,
  };
  const child = spawn(node, args, { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`portcullis: could not start ${node}: ${error.message}`);
    process.exit(70);
  });
  child.on("exit", (code, signal) => {
    if (signal) process.exit(signal === "SIGINT" ? 130 : 143);
    process.exit(code ?? 70);
  });
}

function installedNode() {
  const modules = join(here, "node_modules");
  if (!existsSync(modules)) return undefined;
  for (const name of readdirSync(modules)) {
    const path = join(modules, name, "bin", process.platform === "win32" ? "node.exe" : "node");
    if (name.startsWith("node-") && existsSync(path)) return path;
  }
  return undefined;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) runNode(process.argv.slice(2));

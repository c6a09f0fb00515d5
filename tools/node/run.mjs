// Runs the Node.js that Portcullis needs with the arguments given: the machine's own when it is new enough, else the one in
// the per-platform npm package pinned in package-lock.json beside this file, installed on first need (about 50 MB).
// Plain JavaScript that Node 18 and later read, because it runs before the right Node is known.
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
/** What npm reads; the settings are not part of an installed Portcullis. */
const INPUTS = ["package.json", "package-lock.json", ".npmrc"];
const ASIDE = ".installing-";
/** An installation that takes longer than this was cut off. */
const ABANDONED_MS = 3_600_000;
/** The fragment under which the program that is started loads this file as well. */
const FOLLOW = "#follow";

/** The oldest Node.js major whose permission model denies the network, which the inspector process relies on. */
export const NEEDED_MAJOR = 26;

/** Whether the Node.js that runs this file is new enough. */
export const ownNodeIsEnough = Number(process.versions.node.split(".")[0]) >= NEEDED_MAJOR;

/** The path of a Node.js that is new enough; installs one from the npm registry when the machine has none. */
export function nodePath() {
  if (ownNodeIsEnough) return process.execPath;
  const found = installedNode(here);
  if (found) return found;
  console.error(
    `portcullis: this machine has Node.js ${process.versions.node}; installing Node.js ${NEEDED_MAJOR} beside Portcullis (once, about 50 MB) …`,
  );
  try {
    return installNode(here);
  } catch (error) {
    console.error(
      `portcullis: could not install it (${error.message}). ` +
        `Install Node.js ${NEEDED_MAJOR} or newer, or run "npm ci" in ${here}, and try again.`,
    );
    process.exit(70);
  }
}

/** Runs the needed Node.js with `args`, hands signals on, and ends with its exit code. It ends when this process is gone. */
export function runNode(args) {
  const node = nodePath();
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`,
  };
  const follow = ["--import", `${import.meta.url.replace(/#.*$/, "")}${FOLLOW}`];
  const child = spawn(node, [...follow, ...args], { stdio: ["inherit", "inherit", "inherit", "ipc"], env });
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

/**
 * Installs the Node.js of a folder's package-lock.json with `npm` (a command) and gives its path. It is installed aside and renamed,
 * so that two first starts at once, or one that is cut off, never leave or run half a Node.js. Throws an Error that says why not.
 */
export function installNode(folder, npm = process.platform === "win32" ? "npm.cmd" : "npm") {
  removeAbandoned(folder);
  const aside = mkdtempSync(join(folder, ASIDE));
  try {
    for (const name of INPUTS) if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(aside, name));
    const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    const done = spawnSync(npm, args, { cwd: aside, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
    if (!installedNode(aside)) throw new Error(`npm ended with ${done.status ?? done.error?.message}`);
    return moveIn(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The Node.js that is installed below a folder's node_modules, if there is one. */
function installedNode(folder) {
  const modules = join(folder, "node_modules");
  if (!existsSync(modules)) return undefined;
  for (const name of readdirSync(modules)) {
    const path = join(modules, name, "bin", process.platform === "win32" ? "node.exe" : "node");
    if (name.startsWith("node-") && existsSync(path)) return path;
  }
  return undefined;
}

function moveIn(aside, folder) {
  const [from, to] = [join(aside, "node_modules"), join(folder, "node_modules")];
  for (let attempt = 0; ; attempt++) {
    try {
      renameSync(from, to);
      return installedNode(folder);
    } catch (error) {
      // Somebody else was faster: a folder that is not empty is never replaced.
      const theirs = installedNode(folder);
      if (theirs) return theirs;
      if (attempt === 3) throw error;
      rmSync(to, { recursive: true, force: true });
    }
  }
}

function removeAbandoned(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(ASIDE) && Date.now() - statSync(path).mtimeMs > ABANDONED_MS)
      rmSync(path, { recursive: true, force: true });
  }
}

/** Asks this program to end, as a terminal would, when the launcher that started it is gone without a word: its channel closes then, on every system. */
function followLauncher() {
  if (!process.connected) return;
  process.once("disconnect", () => {
    if (!process.emit("SIGTERM", "SIGTERM")) process.exit(143);
  });
  // The channel alone is no reason to go on.
  process.channel?.unref();
}

if (new URL(import.meta.url).hash === FOLLOW) followLauncher();
else if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  runNode(process.argv.slice(2));

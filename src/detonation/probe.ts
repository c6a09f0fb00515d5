import { spawnSync } from "node:child_process";

/** The Python that pip of this machine belongs to. */
export interface Python {
  readonly executable: string;
  /** Folders that it needs beside the system's. */
  readonly folders: readonly string[];
  /** Its `X.Y`. */
  readonly version: string;
  /** Whether it can build a package that names setuptools, or no backend at all. */
  readonly hasSetuptools: boolean;
  /** A folder with build backends, given to installations by PYTHONPATH. */
  readonly tools?: string;
}

/** What a detonation needs, with the Debian package that has it. */
const NEEDED: Readonly<Record<string, string>> = {
  bwrap: "bubblewrap",
  strace: "strace",
  unshare: "util-linux",
  prlimit: "util-linux",
  mount: "mount",
  ip: "iproute2",
};

/** Why nothing may be detonated on this machine; empty when everything is there and the walls were seen to hold. */
export function missingWalls(env: NodeJS.ProcessEnv): string[] {
  if (process.platform !== "linux") return [`it needs Linux, and this is ${process.platform}`];
  const missing = Object.keys(NEEDED).filter((tool) => run("sh", ["-c", `command -v ${tool}`], env) === undefined);
  if (missing.length > 0) return missing.map((tool) => `${tool} is missing (Debian package ${NEEDED[tool]})`);
  const seen = run("unshare", [...NAMESPACES, "sh", "-c", `${INSIDE}`], env);
  if (seen === undefined) return ["this system does not let users make namespaces, so that there would be no walls"];
  return [...seen.matchAll(/^wall: (.{1,200})$/gm)]
    .map(([, says]) => says!)
    .concat(seen.includes("looked") ? [] : [NO_SANDBOX]);
}

/** unshare's options for the outer walls: no network but an empty one, processes that end with us. */
export const NAMESPACES: readonly string[] = [
  ...[
    "--user",
    "--map-root-user",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount",
    "--mount-proc",
    "--ipc",
    "--uts",
  ],
];

const NO_SANDBOX = "bwrap could not open a sandbox inside a namespace";

/** Looks from inside for what must not be there: another network, other processes, the home folders, privileges. */
const LOOK = `
[ "$(grep -c : /proc/net/dev)" -le 1 ] || echo "wall: a network other than loopback is there"
[ -z "$(ls -A /home /root 2>/dev/null)" ] || echo "wall: home folders are there"
[ "$(ls -d /proc/[0-9]* | wc -l)" -le 6 ] || echo "wall: other processes are there"
grep -q "^CapEff:.*[1-9a-f]" /proc/self/status && echo "wall: privileges are there"
echo looked`;

const INSIDE = `exec bwrap --unshare-user --unshare-pid --unshare-ipc --unshare-uts --uid 1000 --gid 1000 --die-with-parent --new-session \
--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp -- sh -c '${LOOK}'`;

/** The Python with pip that `python3` or `python` is; undefined when there is none. */
export function findPython(env: NodeJS.ProcessEnv): Python | undefined {
  for (const name of ["python3", "python"]) {
    const said = run(name, ["-I", "-c", ABOUT_PYTHON], env);
    if (said === undefined) continue;
    const [executable, version, setuptools, ...prefixes] = said.trim().split("\n");
    const folders = [...new Set(prefixes)].filter((path) => path.startsWith("/") && !/^\/usr(?:\/|$)/.test(path));
    return { executable: executable!, version: version!, hasSetuptools: setuptools === "yes", folders };
  }
  return undefined;
}

/** Looks for the modules without loading them: pip and setuptools do not go together in one process. */
const ABOUT_PYTHON = `
import importlib.util, sys
there = lambda name: importlib.util.find_spec(name) is not None
found = "yes" if there("setuptools") and there("wheel") else "no"
if not there("pip"): sys.exit(1)
print(sys.executable, "%d.%d" % sys.version_info[:2], found, sys.prefix, sys.base_prefix, sep="\\n")`;

const PROBE_MS = 20_000;

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const { status, stdout } = spawnSync(program, [...args], { encoding: "utf8", env, timeout: PROBE_MS });
  return status === 0 ? stdout : undefined;
}

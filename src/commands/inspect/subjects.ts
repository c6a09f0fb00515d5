import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { EcosystemId, ListedArtifact } from "../../catalog/model.ts";
import type { ArtifactSource } from "../../inspection/pool.ts";
import { isLockfileName, type Lockfile, readLockfile } from "../../lib/lockfiles/read-lockfile.ts";
import { type Purl, readPurl, writePurl } from "../../lib/purl.ts";
import type { Limits } from "../../limits.ts";
import type { Registries } from "./registries.ts";
import { looksLikeArchive, walkArchives } from "./walk.ts";

/** What one argument, one file below a folder or one entry of a lock file stands for. */
export interface Subject {
  /** As shown: the argument, joined with what lies below it. */
  readonly path: string;
  /** The archives: one, or several files of one package. Rejects with the reason when they cannot be had. */
  open(): Promise<readonly SubjectFile[]>;
  /** Where a lock file names it. */
  readonly lockfile?: { readonly path: string; line(): number | undefined };
}

/** One top-level archive. */
export interface SubjectFile {
  readonly path: string;
  readonly filename: string;
  readonly ecosystem?: EcosystemId;
  /** What its registry says of it. */
  readonly listed?: ListedArtifact;
  /** Rejects with the reason. */
  source(): Promise<ArtifactSource>;
}

export interface SubjectOptions {
  readonly limits: Limits;
  /** Opened when the first package URL or lock file is met: local paths need no network and no configuration. */
  registries(): Promise<Registries>;
}

/** Everything that `targets` name, in their order: files, folders, package URLs, lock files. */
export async function* subjectsOf(targets: readonly string[], options: SubjectOptions): AsyncGenerator<Subject> {
  for (const target of targets) {
    if (target.startsWith("pkg:")) yield packageAt(target, readPurl(target), [], options);
    else yield* pathAt(target, options);
  }
}

async function* pathAt(target: string, options: SubjectOptions): AsyncGenerator<Subject> {
  const stat = statSync(target, { throwIfNoEntry: false });
  if (stat === undefined) yield failing(target, "there is no such file");
  else if (stat.isDirectory()) {
    for (const path of walkArchives(target)) yield fileAt(path);
  } else if (!stat.isFile()) yield failing(target, "it is neither a file nor a folder");
  else if (isLockfileName(basename(target)) && !looksLikeArchive(target)) yield* lockfileAt(target, options);
  else yield fileAt(target);
}

function fileAt(path: string): Subject {
  return { path, open: async () => [{ path, filename: basename(path), source: async () => ({ path }) }] };
}

function failing(path: string, because: string): Subject {
  return { path, open: () => Promise.reject(new Error(because)) };
}

async function* lockfileAt(target: string, options: SubjectOptions): AsyncGenerator<Subject> {
  let lockfile: Lockfile;
  try {
    lockfile = await openLockfile(target, options.limits);
  } catch (error) {
    yield failing(target, error instanceof Error ? error.message : String(error));
    return;
  }
  for (const { type, name, version, digests } of lockfile.packages) {
    const purl = { type, name, version };
    const subject = packageAt(`${target}!/${writePurl(purl)}`, purl, digests, options);
    yield { ...subject, lockfile: { path: target, line: () => lockfile.lineOf(name, version) } };
  }
  for (const { name, why } of lockfile.elsewhere) {
    const subject = failing(`${target}!/${name}`, `it ${why}, so no registry gives it by name and version`);
    yield { ...subject, lockfile: { path: target, line: () => lockfile.lineOf(name, "") } };
  }
}

async function openLockfile(target: string, limits: Limits): Promise<Lockfile> {
  const { size } = statSync(target);
  if (size > limits.indexBytes) throw new RangeError(`it is larger than the limit of ${limits.indexBytes} bytes`);
  return readLockfile(basename(target), readFileSync(target, "utf8"), limits.archiveEntries);
}

function packageAt(path: string, purl: Purl | undefined, digests: readonly string[], options: SubjectOptions): Subject {
  const ecosystem = ecosystemOf(purl);
  if (purl === undefined || ecosystem === undefined) {
    return failing(path, "it is no package URL of npm, pypi or nuget, such as pkg:npm/left-pad@1.3.0");
  }
  return {
    path,
    async open() {
      const files = await (await options.registries()).files(ecosystem, purl, digests);
      return files.map(({ filename, listed, fetch }) => ({
        path:
          files.length > 1 ? `${path}${path.includes("?") ? "&" : "?"}file_name=${encodeURIComponent(filename)}` : path,
        filename,
        ecosystem,
        listed,
        source: async () => ({ bytes: await fetch() }),
      }));
    },
  };
}

function ecosystemOf(purl: Purl | undefined): EcosystemId | undefined {
  const type = purl?.type;
  return type === "npm" || type === "pypi" || type === "nuget" ? type : undefined;
}

import type { Layout } from "./layout.ts";
import { readPackageJson } from "./manifests-npm.ts";
import { readNuspec } from "./manifests-nuget.ts";
import { pythonHooks, readHeaders, standInManifest } from "./manifests-python.ts";
import type { Manifest, Remark } from "./model.ts";
import type { Placed } from "./placed.ts";

/** Bytes of one manifest; honest ones stay far below. */
const LONGEST_MANIFEST = 8 << 20;
/** Npm packages carry those of all that they bundle. */
const MOST_MANIFESTS = 5_000;

/** Every manifest of the artifact, the one that installing obeys first; those that cannot be read are remarks. */
export function readManifests(files: readonly Placed[], layout: Layout, filename: string) {
  const remarks: Remark[] = [];
  const manifests: Manifest[] = [];
  const found = candidates(files, layout);
  for (const { file, read } of found.slice(0, MOST_MANIFESTS)) {
    try {
      if (file.bytes.length > LONGEST_MANIFEST) throw new Error("It is too large");
      manifests.push(read(file, files));
    } catch (error) {
      remarks.push({ path: file.path, says: `The manifest cannot be read: ${(error as Error).message.slice(0, 200)}` });
    }
  }
  for (const { file } of found.slice(MOST_MANIFESTS, MOST_MANIFESTS + 1))
    remarks.push({ path: file.path, says: `There are more than ${MOST_MANIFESTS} manifests` });
  const standIn = layout.form === "sdist" && manifests.length === 0 ? standInManifest(files, filename) : undefined;
  return { manifests: standIn === undefined ? manifests : [standIn], remarks };
}

interface Candidate {
  readonly file: Placed;
  readonly read: (file: Placed, files: readonly Placed[]) => Manifest;
}

const NESTED_NODE_MANIFEST = /^(?:node_modules\/(?:@[^/]+\/)?[^@/][^/]*\/)+package\.json$/;

function candidates(files: readonly Placed[], { form }: Layout): Candidate[] {
  switch (form) {
    case "npm":
      return [
        ...choose(files, /^package\.json$/, readPackageJson),
        ...choose(files, /^npm-shrinkwrap\.json$/, readPackageJson),
        // npm runs the install scripts of bundled dependencies as well.
        ...choose(files, NESTED_NODE_MANIFEST, readPackageJson),
      ];
    case "wheel":
      return choose(files, /^[^/]+\.dist-info\/METADATA$/, (file) => readHeaders(file, {}));
    case "sdist": {
      const read = (file: Placed, all: readonly Placed[]) => readHeaders(file, pythonHooks(all));
      return [
        ...choose(files, /^PKG-INFO$/, read),
        ...choose(files, /^(?:[^/]+\/){0,3}[^/]+\.egg-info\/PKG-INFO$/, read),
      ];
    }
    case "nupkg":
      return choose(files, /^[^/]+\.nuspec$/i, readNuspec);
    default:
      return [];
  }
}

function choose(files: readonly Placed[], place: RegExp, read: Candidate["read"]): Candidate[] {
  return files.filter((file) => place.test(file.place)).map((file) => ({ file, read }));
}

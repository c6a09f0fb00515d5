import type { Ecosystem } from "../ecosystem.ts";
import { showsWithheld } from "./clients.ts";
import { likely } from "./likely.ts";
import { canonicalPath, readName } from "./names.ts";
import { readListing, readProject } from "./packument.ts";
import { writeRefusal } from "./refusal.ts";
import { routes } from "./routes.ts";
import { compareVersions, inRange, isRange } from "./versions.ts";
import { writeIndex } from "./write-packument.ts";

/** npm's registry protocol; README.md lists what is served. */
export const npm: Ecosystem = {
  id: "npm",
  normalizeName: readName,
  compareVersions,
  inRange,
  isRange,
  canonicalPath,
  routes,
  readProject,
  readListing,
  likely,
  writeIndex,
  writeRefusal,
  showsWithheld,
};

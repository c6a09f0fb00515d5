import type { Ecosystem } from "../ecosystem.ts";
import { showsWithheld } from "./clients.ts";
import { likely, readListing } from "./listing.ts";
import { canonicalPath, normalizeName } from "./names.ts";
import { writeIndex } from "./page.ts";
import { inRange, isRange } from "./ranges.ts";
import { writeRefusal } from "./refusal.ts";
import { routes } from "./routes.ts";
import { readProject } from "./upstream.ts";
import { compareVersions } from "./versions.ts";

/** PyPI: the Simple repository API and the JSON API. */
export const pypi: Ecosystem = {
  id: "pypi",
  normalizeName,
  compareVersions,
  inRange,
  isRange,
  canonicalPath,
  routes,
  readProject,
  readListing,
  likely,
  writeIndex,
  showsWithheld,
  writeRefusal,
};

/** The addresses under which this feed serves NuGet; all below `BASE/v3/`, because clients authenticate ahead per folder. */

/** The three registration hives: what they hold and how they are sent. */
export const HIVES = {
  registration: { semVer2: false, gzip: false },
  "registration-gz": { semVer2: false, gzip: true },
  "registration-gz-semver2": { semVer2: true, gzip: true },
} as const;
export type Hive = keyof typeof HIVES;
export const HIVE_NAMES = Object.keys(HIVES) as readonly Hive[];

/** Address of a version's package in the flat container. */
export function packageUrl(base: string, id: string, version: string): string {
  return `${base}/v3/flat/${id}/${version}/${id}.${version}.nupkg`;
}

/** Address of the registration index of a project. */
export function registrationUrl(base: string, hive: Hive, id: string): string {
  return `${base}/v3/${hive}/${id}/index.json`;
}

/** Address of the registration leaf of a version. */
export function leafUrl(base: string, hive: Hive, id: string, version: string): string {
  return `${base}/v3/${hive}/${id}/${version}.json`;
}

/** Address of the registration page that holds every version from `lower` to `upper`. */
export function pageUrl(base: string, hive: Hive, id: string, lower: string, upper: string): string {
  return `${base}/v3/${hive}/${id}/page/${lower}/${upper}.json`;
}

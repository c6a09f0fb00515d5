/** Installers that pass yanked files over in ranges (PEP 592) and say why where a pin asks for one (README.md, measured). */
const YANK_AWARE = /(?:^|[\s"])(?:pip|uv|poetry|pdm|unearth)\/\d/;

/** pip before 19.2 knows no yanks: it would pick a withheld version and fail. */
const OLD_PIP = /^pip\/(?:\d\.|1[0-8]\.|19\.[01](?:\D|$))/;

/** Whether the client of a User-Agent is shown withheld files as yanked; for any other they are left out. */
export function showsWithheld(userAgent: string): boolean {
  return YANK_AWARE.test(userAgent) && !OLD_PIP.test(userAgent);
}

/** Whether the client prints, of a file that is refused, nothing but the address at which it ended. */
export function printsAddressOnly(userAgent: string): boolean {
  return /(?:^|[\s"])(?:pdm|unearth)\/\d/.test(userAgent);
}

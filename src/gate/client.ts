/** Which program asks, told from its User-Agent, for the wording of answers and the ledger; never for permission. */
export interface Client {
  /** `pip/24.2`, `npm/11.19.1`, …; at most 100 characters. */
  readonly label: string;
  readonly userAgent: string;
}

const KNOWN =
  /\b(pip|uv|poetry|pdm|twine|npm|pnpm|yarn|bun|deno|nuget|dotnet|got|renovate|dependabot)[ /]v?([0-9][0-9A-Za-z.+-]{0,30})/i;

/** Reads a User-Agent; npm-like clients name themselves first (`pnpm/10.1 npm/? node/…`), NuGet in words (`NuGet Command Line/5.8.0`). */
export function readClient(userAgent: string | undefined): Client {
  const text = (userAgent ?? "").replace(/[^\x20-\x7e]/g, "?").slice(0, 512);
  const nuget = /NuGet[^/]{0,40}\/([0-9][0-9A-Za-z.+-]{0,30})/.exec(text);
  if (nuget) return { label: `nuget/${nuget[1]}`, userAgent: text };
  const known = KNOWN.exec(text);
  if (known) return { label: `${known[1]!.toLowerCase()}/${known[2]}`, userAgent: text };
  return { label: text === "" ? "unknown" : text.slice(0, 100), userAgent: text };
}

import { ECOSYSTEM_IDS, type EcosystemId } from "../catalog/model.ts";
import type { Config } from "../config.ts";
import { withoutCredentials } from "../lib/secret.ts";
import { askNpm } from "./npm.ts";
import { askNuget } from "./nuget.ts";
import { isOwnAddress } from "./own-address.ts";
import { askPip } from "./pip.ts";
import { boundedRuns, type Candidate, type ClientAnswer, type RunClient, type Surroundings } from "./surroundings.ts";

/** What discovery found for one ecosystem, and what a person should know about it. */
export interface Discovery {
  readonly ecosystem: EcosystemId;
  readonly found?: Candidate;
  readonly warnings: readonly string[];
}

type Ask = (surroundings: Surroundings, run: RunClient) => Promise<ClientAnswer>;
const CLIENTS: Readonly<Record<EcosystemId, { readonly name: string; readonly ask: Ask }>> = {
  pypi: { name: "pip", ask: askPip },
  npm: { name: "npm", ask: askNpm },
  nuget: { name: "NuGet", ask: askNuget },
};

/**
 * Finds out, from the clients of this machine, where each ecosystem's packages come from; all at once, each within ten
 * seconds. A client that nobody configured, or that was pointed at this server already, says nothing new: then the upstream that
 * the last start had (`remembered`) goes on, else the client's own default.
 */
export async function discover(
  ecosystems: readonly EcosystemId[],
  config: Pick<Config, "host" | "port" | "public_url">,
  surroundings: Surroundings,
  remembered: Readonly<Partial<Record<EcosystemId, string>>>,
): Promise<readonly Discovery[]> {
  return Promise.all(
    ECOSYSTEM_IDS.filter((id) => ecosystems.includes(id)).map(async (ecosystem) => {
      const answer = await CLIENTS[ecosystem].ask(surroundings, boundedRuns(surroundings));
      return choose(ecosystem, answer, (url) => isOwnAddress(url, config), remembered[ecosystem]);
    }),
  );
}

async function choose(
  ecosystem: EcosystemId,
  { configured, builtIn }: ClientAnswer,
  isOwn: (url: string) => boolean,
  remembered: string | undefined,
): Promise<Discovery> {
  const { name } = CLIENTS[ecosystem];
  const setting = `--upstream-${ecosystem} URL, or upstream.${ecosystem} in the configuration`;
  const usable = configured.find(({ url }) => !isOwn(url));
  if (usable) return clean(ecosystem, usable, setting);
  const points = configured.length > 0 ? `${name} on this machine already points at this Portcullis; ` : "";
  if (remembered !== undefined && !isOwn(remembered)) {
    return { ecosystem, found: { url: remembered, from: "the upstream of the last start" }, warnings: [] };
  }
  const preset = await builtIn();
  if (!preset || isOwn(preset.url)) {
    const nothing = `no upstream could be discovered for ${ecosystem}; set it with ${setting}`;
    return { ecosystem, warnings: [`${points}${nothing}`] };
  }
  const instead = `its own default is the upstream; to use another, set ${setting}`;
  return { ...clean(ecosystem, preset, setting), ...(points && { warnings: [`${points}${instead}`] }) };
}

function clean(ecosystem: EcosystemId, { url, from }: Candidate, setting: string): Discovery {
  const bare = withoutCredentials(url);
  if (bare === new URL(url).href) return { ecosystem, found: { url, from }, warnings: [] };
  const warning = `the ${ecosystem} upstream from ${from} carries a password, which is not taken over; declare it under [[upstreams]] with password_file, or set ${setting}`;
  return { ecosystem, found: { url: bare, from }, warnings: [warning] };
}

import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ECOSYSTEM_IDS, type EcosystemId } from "../catalog/model.ts";
import type { Config } from "../config.ts";
import { withoutCredentials } from "../lib/secret.ts";

const rememberedSchema = z.partialRecord(z.enum(["pypi", "npm", "nuget"]), z.url({ protocol: /^https?$/ }));

/** The default upstream that each ecosystem had when this data folder was last opened; nothing when that cannot be read. */
export async function readRemembered(folder: string): Promise<Readonly<Partial<Record<EcosystemId, string>>>> {
  try {
    return rememberedSchema.parse(JSON.parse(await readFile(fileIn(folder), "utf8")));
  } catch {
    return {};
  }
}

/** Keeps the default upstreams for the next start, when clients may point here already and tell nothing. */
export async function rememberUpstreams(folder: string, { upstreams }: Pick<Config, "upstreams">): Promise<void> {
  const defaults = ECOSYSTEM_IDS.flatMap((id) => {
    const upstream = upstreams.find(({ name, ecosystem }) => name === id && ecosystem === id);
    return upstream ? [[id, withoutCredentials(upstream.url)]] : [];
  });
  const text = `${JSON.stringify(Object.fromEntries(defaults), undefined, 2)}\n`;
  if ((await readFile(fileIn(folder), "utf8").catch(() => "")) === text) return;
  await writeFile(`${fileIn(folder)}.new`, text, { mode: 0o600 });
  await rename(`${fileIn(folder)}.new`, fileIn(folder));
}

function fileIn(folder: string): string {
  return join(folder, "upstreams.json");
}

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ECOSYSTEM_IDS, type EcosystemId } from "../../catalog/model.ts";
import { useList } from "../../inspection/names/index.ts";
import { builtInList, type PopularList, readPopularList } from "../../inspection/names/popular.ts";

/** The list of an ecosystem in a data folder; undefined when it was never refreshed there. Throws when it is damaged. */
export async function keptList(data: string, ecosystem: EcosystemId): Promise<PopularList | undefined> {
  let text: string;
  try {
    text = await readFile(fileOf(join(data, "names"), ecosystem), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return readPopularList(JSON.parse(text), ecosystem);
}

/** Writes a list into a folder, whole or not at all. */
export async function keepList(folder: string, list: PopularList): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = fileOf(folder, list.ecosystem);
  await writeFile(`${file}.new`, `${JSON.stringify(list, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** Has the gate use the lists that a data folder keeps and that are newer than the program's; gives what is wrong with those that it cannot use. */
export async function useKeptLists(data: string): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const ecosystem of ECOSYSTEM_IDS)
    try {
      const list = await keptList(data, ecosystem);
      if (list !== undefined && list.asOf > builtInList(ecosystem).asOf) useList(list);
    } catch (error) {
      wrong.push(`the list of popular ${ecosystem} names in ${data} is not used: ${(error as Error).message}`);
    }
  return wrong;
}

function fileOf(folder: string, ecosystem: EcosystemId): string {
  return join(folder, `${ecosystem}.json`);
}

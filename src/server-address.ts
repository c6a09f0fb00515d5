import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Leaves the URL under which a server listens in its data folder, where other commands look for it. */
export async function announceServer(folder: string, url: string): Promise<void> {
  await writeFile(fileIn(folder), `${url}\n`, { mode: 0o600 });
}

/** The URL of the server that has, or last had, a data folder; undefined when none ever had. */
export async function announcedServer(folder: string): Promise<string | undefined> {
  const text = (await readFile(fileIn(folder), "utf8").catch(() => "")).trim();
  return URL.canParse(text) ? text : undefined;
}

function fileIn(folder: string): string {
  return join(folder, "server-url");
}

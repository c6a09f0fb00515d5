import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { API_ROUTES } from "../src/http/api/index.ts";
import { openApiDocument } from "../src/http/api/openapi.ts";
import { archivesPage } from "./reference/archives.ts";
import { changelogWithDetectors } from "./reference/changelog.ts";
import { commandsPage } from "./reference/commands.ts";
import { configurationPage } from "./reference/configuration.ts";
import { detectorPages } from "./reference/detectors.ts";
import { errorsPage } from "./reference/errors.ts";
import { limitsPage } from "./reference/limits.ts";
import { page } from "./reference/markdown.ts";

const ROOT = join(import.meta.dirname, "..");
const REFERENCE = "docs/reference";

/** Every generated file by its path below the root, as it should be now. */
export async function generatedDocs(): Promise<ReadonlyMap<string, string>> {
  const pages: readonly (readonly [string, string])[] = [
    ["README.md", indexPage()],
    ["configuration.md", configurationPage()],
    ["limits.md", limitsPage()],
    ["errors.md", errorsPage()],
    ["archives.md", archivesPage()],
    ["commands.md", await commandsPage()],
    ["openapi.json", `${JSON.stringify(openApiDocument(API_ROUTES), undefined, 2)}\n`],
    ...detectorPages(),
  ];
  const changelog = changelogWithDetectors(readFileSync(join(ROOT, "CHANGELOG.md"), "utf8").replaceAll("\r\n", "\n"));
  return new Map([
    ...pages.map(([name, text]) => [`${REFERENCE}/${name}`, text] as const),
    ...(changelog === undefined ? [] : [["CHANGELOG.md", changelog] as const]),
  ]);
}

/** Files below docs/reference, by their path below the root. */
export function referenceFiles(): readonly string[] {
  const files = globSync("**/*.{md,json}", { cwd: join(ROOT, REFERENCE) });
  return files.map((file) => `${REFERENCE}/${file.replaceAll("\\", "/")}`);
}

function indexPage(): string {
  return page(
    "Reference",
    "Everything here is generated from the code by `npm run docs` and compared in the tests.",
    [
      "- [Commands](commands.md): every command with its help",
      "- [Settings](configuration.md): every setting, its default and its variable",
      "- [Limits](limits.md): every bound",
      "- [Refusals](errors.md): every expected no, with code, status and sentence",
      "- [Archives that are refused](archives.md)",
      "- [Detectors](detectors/README.md): what inspection looks for",
      "- [openapi.json](openapi.json): the API, as a server describes it at `/api/v1/openapi.json`",
    ].join("\n"),
  );
}

async function writeDocs(): Promise<void> {
  const wanted = await generatedDocs();
  let changed = 0;
  for (const [path, text] of wanted) {
    const file = join(ROOT, path);
    if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    changed++;
  }
  const stale = referenceFiles().filter((path) => !wanted.has(path));
  for (const path of stale) rmSync(join(ROOT, path));
  console.log(`${wanted.size} generated files: ${changed} written, ${stale.length} removed`);
}

if (import.meta.main) await writeDocs();

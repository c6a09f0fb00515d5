import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

/** The import order: a file may import its own folder and everything to the right (docs/architecture.md). */
const ORDER = [
  "main", "commands", "http", "report", "gate", "intake", "posture", "moderation", "detonation", "inspection", "policy", "tracking",
  "advisories", "accounts", "ecosystems", "catalog", "app", "storage", "settings", "lib",
]; // biome-ignore format: one line reads as a story

/** The nouns in catalog/model.ts do nothing, so every room may use them. */
const FREE = new Set(["errors", "limits", "config", "model"]);
/** Opening the app wires the rooms together, so it stands between the commands and everything it opens. */
const PLACES: Readonly<Record<string, string>> = {
  "open-app": "commands",
  "load-config": "settings",
  "settings-from-env": "settings",
  "settings-layers": "settings",
  "server-address": "settings",
  discovery: "settings",
  version: "lib",
};

const root = join(import.meta.dirname, "..", "src");
const files = globSync("**/*.ts", { cwd: root })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => !file.endsWith(".test.ts"));

test("imports point to the right only", () => {
  const wrong: string[] = [];
  for (const file of files)
    for (const target of importsOf(file)) {
      const [from, to] = [placeOf(file), placeOf(target)];
      if (FREE.has(to) || from === to) continue;
      if (FREE.has(from) ? to !== "lib" : ORDER.indexOf(from) > ORDER.indexOf(to))
        wrong.push(`${file} imports ${target}`);
    }
  assert.deepEqual(wrong, []);
});

test("every source file lives in a room that the order names", () => {
  assert.deepEqual(
    files.filter((file) => !ORDER.includes(placeOf(file)) && !FREE.has(placeOf(file))),
    [],
  );
});

test("an ecosystem never imports another", () => {
  const wrong = files
    .filter((file) => /^ecosystems\/\w+\//.test(file))
    .flatMap((file) => importsOf(file).map((target) => [file, target] as const))
    .filter(([file, target]) => /^ecosystems\/\w+\//.test(target) && file.split("/")[1] !== target.split("/")[1]);
  assert.deepEqual(wrong, []);
});

test("what looks at hostile bytes opens no file, socket or database of its own", () => {
  const pure = files.filter((file) =>
    /^(?:inspection\/(?:detectors|languages|decode|behaviour)\/|inspection\/(?:judge|unpack|inspect|run-detectors|prefilter)\.ts|inspection\/prefilter\/|lib\/archives\/|ecosystems\/)/.test(
      file,
    ),
  );
  const doors =
    /from "(?:node:)?(?:fs|fs\/promises|net|http|https|http2|dns|tls|dgram|child_process|worker_threads|sqlite|undici|kysely)"/;
  assert.ok(pure.length > 20);
  assert.deepEqual(
    pure.filter((file) => doors.test(readFileSync(join(root, file), "utf8"))),
    [],
  );
});

test("process.env is read in load-config alone", () => {
  assert.deepEqual(
    files.filter(
      (file) =>
        !file.startsWith("inspection/") &&
        placeOf(file) !== "settings" &&
        !file.startsWith("load-config/") &&
        code(file).includes("process.env"),
    ),
    [],
  );
});

test("civil time comes from app.clock alone", () => {
  // openApp gives the app its clock.
  const exempt = new Set(["open-app.ts"]);
  const clocks = /\bDate\.now\b|\bnew Date\(\)|\bcurrent_timestamp\b|\bdatetime\('now'|\bstrftime\([^)]*'now'/i;
  assert.deepEqual(
    files.filter((file) => !exempt.has(file) && clocks.test(code(file))),
    [],
  );
});

test("SQL stays in the rooms that may speak it", () => {
  const rooms = new Set([
    "catalog",
    "accounts",
    "advisories",
    "tracking",
    "policy",
    "moderation",
    "posture",
    "storage",
  ]);
  const sql = /\.(?:selectFrom|insertInto|updateTable|deleteFrom)\(|\.prepare\(/;
  assert.deepEqual(
    files.filter((file) => !rooms.has(placeOf(file)) && file !== "open-app.ts" && sql.test(code(file))),
    [],
  );
});

function importsOf(file: string): string[] {
  const found = [...code(file).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path]) => path!);
  return found
    .map((path) => relative(root, join(root, dirname(file), path)).replaceAll("\\", "/"))
    .filter((path) => !path.startsWith(".."));
}

function placeOf(file: string): string {
  if (file === "catalog/model.ts") return "model";
  const [first] = file.split("/");
  const name = file.includes("/") ? first! : first!.replace(/\.ts$/, "");
  return PLACES[name] ?? name;
}

/** The file without its comments. */
function code(file: string): string {
  return readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

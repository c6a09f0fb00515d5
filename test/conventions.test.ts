import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "smol-toml";
import { configSchema } from "../src/config.ts";
import { REFUSALS } from "../src/errors.ts";
import { DETECTORS } from "../src/inspection/detectors/index.ts";
import { DEFAULT_LIMITS } from "../src/limits.ts";
import { openFeeds } from "../src/policy/feeds.ts";
import { settingsFromEnv } from "../src/settings-from-env.ts";
import { generatedDocs, referenceFiles } from "./generate-docs.ts";
import { archiveProblems } from "./reference/archives.ts";
import { commands, listedCommands } from "./reference/commands.ts";
import { settings } from "./reference/configuration.ts";

const ROOT = join(import.meta.dirname, "..");
/** Lines end as git keeps them, whatever the checkout does. */
const read = (path: string) => readFileSync(join(ROOT, path), "utf8").replaceAll("\r\n", "\n");

/** Files that git knows; everything but build products where this is no checkout. */
const tracked = trackedFiles();
const sources = globSync("src/**/*.ts", { cwd: ROOT })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => !file.endsWith(".test.ts"))
  .sort();
const documents = tracked.filter((file) => file.endsWith(".md"));

describe("the reference", () => {
  test("is what generation gives now", async () => {
    const wanted = await generatedDocs();
    const differing = [...wanted].filter(([path, text]) => !existsSync(join(ROOT, path)) || read(path) !== text);
    const stale = referenceFiles().filter((path) => !wanted.has(path));
    assert.deepEqual(
      [...differing.map(([path]) => path), ...stale],
      [],
      "run `npm run docs` and commit what it writes",
    );
  });

  test("describes every setting, and every variable that it names is read as that setting", () => {
    for (const { path, type, description, variable } of settings()) {
      assert.ok(description.length > 10, `${path.join(".")} has no description in config.ts`);
      if (variable === undefined) continue;
      // What a free name may be: one of the limits, or a feed.
      const [written, meant] = path[0] === "limits" ? ["FINDINGS", "findings"] : ["MY_TEAM", "my-team"];
      const sample = type === "true or false" ? "true" : /^(?:integer|number)/.test(type) ? "7" : "text";
      const given = settingsFromEnv({ [variable.replace("NAME", written)]: sample });
      const keys = path.map((key) => (key === "NAME" ? meant : key));
      assert.notEqual(valueAt(given, keys), undefined, `${variable} does not set ${path.join(".")}`);
    }
  });

  test("has every limit, refusal, archive problem, command and detector", async () => {
    const limits = read("docs/reference/limits.md");
    for (const name of Object.keys(DEFAULT_LIMITS))
      assert.match(limits, new RegExp(`\\| \`${name}\` \\|.*\\| \\w[^|]+\\|`));
    const errors = read("docs/reference/errors.md");
    for (const code of Object.keys(REFUSALS)) assert.ok(errors.includes(`\`${code}\``), code);
    const archives = read("docs/reference/archives.md");
    for (const problem of archiveProblems().keys()) assert.ok(archives.includes(`## \`${problem}\``), problem);
    assert.ok(archiveProblems().size >= 10);
    const names = (await commands()).map(({ name }) => name);
    assert.deepEqual(names, listedCommands(), "every command of src/commands is listed in main.ts");
    for (const name of names) assert.ok(read("docs/reference/commands.md").includes(`## portcullis ${name}\n`), name);
    for (const { id } of DETECTORS) assert.ok(existsSync(join(ROOT, `docs/reference/detectors/${id}.md`)), id);
  });

  test("the changelog names every detector", () => {
    const changelog = read("CHANGELOG.md");
    assert.deepEqual(
      DETECTORS.filter(({ id }) => !changelog.includes(`\`${id}\``)).map(({ id }) => id),
      [],
    );
  });
});

describe("documents", () => {
  test("link to files that exist", () => {
    const broken = documents.flatMap((file) =>
      linksOf(read(file))
        .filter((target) => !existsSync(join(ROOT, dirname(file), decodeURIComponent(target))))
        .map((target) => `${file}: ${target}`),
    );
    assert.deepEqual(broken, []);
  });

  test("name only scripts and commands that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const known = new Set([...listedCommands(), "help"]);
    const wrong = documents.flatMap((file) => {
      const text = read(file);
      const scriptNames = [...text.matchAll(/\bnpm run (?:-s )?([a-z][a-z:]*)/g)].map(([, name]) => name!);
      const commandNames = [...text.matchAll(/^(?:\$ )?(?:npx )?portcullis ([a-z]+)/gm)].map(([, name]) => name!);
      return [
        ...scriptNames.filter((name) => !(name in scripts)).map((name) => `${file}: npm run ${name}`),
        ...commandNames.filter((name) => !known.has(name)).map((name) => `${file}: portcullis ${name}`),
      ];
    });
    assert.deepEqual(wrong, []);
  });

  test("have settings in TOML that are valid together with the defaults", () => {
    let examples = 0;
    // Examples of detectors are what packages hold.
    for (const file of documents.filter((path) => !path.includes("/detectors/"))) {
      for (const [, text] of read(file).matchAll(/^```toml\n([\s\S]*?)^```/gm)) {
        examples++;
        try {
          openFeeds(configSchema.parse(parse(text!)));
        } catch (error) {
          assert.fail(`${file}: ${(error as Error).message}\n${text}`);
        }
      }
    }
    assert.ok(examples > 5);
  });
});

describe("the code", () => {
  test("has a sentence on everything that it exports", () => {
    assert.deepEqual(sources.flatMap(undocumented), []);
  });

  test("has files of a size to read: the median at most 100 lines, none over 400", () => {
    const sizes = sources.map((file) => ({ file, lines: read(file).split("\n").length - 1 }));
    const large = sizes.filter(({ file, lines }) => lines > 400 && !(file in LARGE));
    assert.deepEqual(large, []);
    const median = sizes.map(({ lines }) => lines).sort((a, b) => a - b)[Math.floor(sizes.length / 2)]!;
    assert.ok(median <= 100, `the median is ${median} lines`);
  });

  test("names no public registry anywhere: upstreams are discovered or configured", () => {
    // In parts, so that this file does not hold them either.
    const hosts = ["pypi:org", "pythonhosted:org", "npmjs:org", "npmjs:com", "yarnpkg:com", "nuget:org"];
    const names = hosts.map((host) => host.replace(":", "."));
    const documentation = `docs.${names[3]}/`;
    const naming = tracked.filter((file) => {
      const text = read(file).toLowerCase().replaceAll(documentation, "");
      return names.some((name) => text.includes(name));
    });
    assert.deepEqual(naming, []);
  });

  test("names no folder of the machine that it is written on", () => {
    // A folder right below the root of the disk, `/data`, is a word that documents use.
    if (ROOT.split("/").length < 3) return;
    const naming = tracked.filter((file) => file !== "Dockerfile" && read(file).includes(`${ROOT}/`));
    assert.deepEqual(naming, []);
  });

  test("has lock files that name no registry: npm asks the one it is configured for", () => {
    for (const file of tracked.filter((path) => path.endsWith("package-lock.json"))) {
      const lock = JSON.parse(read(file)) as { packages: Record<string, { resolved?: string }> };
      assert.ok(
        Object.values(lock.packages).every((entry) => entry.resolved === undefined),
        file,
      );
    }
  });
});

/** Files over the size to read, each with the reason why it is not two. Empty is best. */
const LARGE: Readonly<Record<string, string>> = {
  "src/inspection/behaviour/trace.ts":
    "one walk over a file's statements; its steps share one state that would be passed through every cut",
  "src/inspection/languages/javascript.ts": "one lexer; its states call one another for every token, and it is hot",
};

function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
}

/** Targets of relative links, without their fragment; code is left out. */
function linksOf(markdown: string): string[] {
  const text = markdown.replace(/^(`{3,})[\s\S]*?^\1/gm, "").replace(/`[^`\n]*`/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.split("#")[0]!)
    .filter((target) => target !== "" && !/^[a-z]+:/i.test(target));
}

const EXPORT = /^export (?:async )?(?:abstract )?(function\*?|class|interface|const|type) (\w+)/;

/**
 * Exports without a doc comment of their own, by a simple reading of lines. Detectors speak by their `title` and `why`; an interface may
 * be told member by member; a constant or type of one line may be told by the comment over its neighbours, or by what it is made of.
 */
function undocumented(file: string): string[] {
  if (/^src\/inspection\/(?:detectors|comparisons)\/[a-z]/.test(file)) return [];
  const lines = read(file).split("\n");
  return lines.flatMap((line, at) => {
    const [, kind, name] = EXPORT.exec(line) ?? [];
    if (kind === undefined || /\*\/\s*$/.test(lines[at - 1] ?? "")) return [];
    if ((kind === "const" || kind === "type") && /;(?:\s*\/\/.*)?$/.test(line)) return [];
    if (kind === "interface" && lines.slice(at, lines.indexOf("}", at)).some((member) => member.includes("/**")))
      return [];
    return [`${file}:${at + 1} ${name}`];
  });
}

function trackedFiles(): readonly string[] {
  const binary = /\.(?:png|ico|woff2?|gz|zip|whl|nupkg|tgz)$/;
  try {
    const listed = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8", maxBuffer: 64 << 20 });
    return listed.split("\0").filter((file) => file !== "" && !binary.test(file) && existsSync(join(ROOT, file)));
  } catch {
    const found = globSync("{*,{bin,docs,eval,src,test,tools}/**/*}.{ts,mjs,md,json,yaml,toml}", { cwd: ROOT });
    return found.map((file) => file.replaceAll("\\", "/")).filter((file) => !file.includes("node_modules/"));
  }
}

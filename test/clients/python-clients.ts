import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Client, Program } from "./client.ts";
import { wheelDigest } from "./packages.ts";
import { credentialsOf, findFile, type Place } from "./place.ts";
import { pythonProgram } from "./programs.ts";

const SENTENCE = "{purl} was inspected and found malicious";
const ADVISORY = "{purl} is known malware (MAL-2026-{name}, own)";
const BLOCKED_URL = "{base}/files/{name}/BLOCKED-BY-PORTCULLIS/malicious/{file}";
const PLAIN_URL = "{base}/files/{name}/{file}";

const PIP_PRINTS = {
  firstContact: ["HTTP error 403", SENTENCE, PLAIN_URL],
  exact: [
    "Could not install requirement {name}==1.1.0",
    "because of HTTP error 403 Client Error:",
    SENTENCE,
    BLOCKED_URL,
  ],
  onlyWithheld: ["No matching distribution found for {name}>=1.1"],
  locked: ["HTTP error 403", ADVISORY],
} as const;

/** The clients of Python packages. */
export const pythonClients: readonly Client[] = [
  pip("pip", "pip"),
  pip("pip 23", "pip<24"),
  {
    ...inVenv(".venv"),
    name: "uv",
    open: () => pythonProgram("uv", "uv", "uv"),
    prepare: (place) => writeProject(place, uvTables(place)),
    install: (place, program) => [uv(place, program, ["sync", "--no-install-project"])],
    // The lock file is written before files are fetched, and versions in it are kept.
    afterFirstContact: (place, program, name) => [
      uv(place, program, ["sync", "--no-install-project", "--upgrade-package", name]),
    ],
    installLocked: (place, program) => [uv(place, program, ["sync", "--frozen", "--no-install-project"])],
    lockFiles: ["uv.lock"],
    prints: {
      firstContact: ["403", SENTENCE],
      exact: ["Failed to fetch:", BLOCKED_URL, "HTTP status client error (403", SENTENCE],
      onlyWithheld: ["{name}==1.1.0 was yanked (reason:", SENTENCE, "{why}"],
      locked: ["403", ADVISORY],
    },
    waiting: { installs: "always" },
  },
  {
    ...inVenv(".venv"),
    name: "poetry",
    open: () => pythonProgram("poetry", "poetry", "poetry"),
    prepare: (place) => writeProject(place, poetryTables(place)),
    install: (place, program) => [poetry(place, program, ["lock"]), poetry(place, program, ["install", "--no-root"])],
    // Files are fetched after the lock file was written, and versions in it are kept.
    afterFirstContact: (place, program) => [
      poetry(place, program, ["lock", "--regenerate"]),
      poetry(place, program, ["install", "--no-root"]),
    ],
    installLocked: (place, program) => [poetry(place, program, ["install", "--no-root"])],
    lockFiles: ["poetry.lock"],
    prints: {
      firstContact: ["403 Client Error:", SENTENCE],
      exact: ["403 Client Error:", SENTENCE, BLOCKED_URL],
      onlyWithheld: ["{name} (>=1.1)", "version solving failed"],
      locked: ["is yanked. Reason for being yanked:", ADVISORY, "403 Client Error:"],
    },
    waiting: { installs: "always" },
  },
  {
    ...inVenv(".venv"),
    name: "pdm",
    open: () => pythonProgram("pdm", "pdm[locked]", "pdm"),
    prepare: (place) => writeProject(place, pdmTables(place)),
    install: (place, program) => [pdm(place, program, ["install", "--no-self"])],
    afterFirstContact: (place, program) => [pdm(place, program, ["lock"]), pdm(place, program, ["sync", "--no-self"])],
    installLocked: (place, program) => [pdm(place, program, ["sync", "--no-self"])],
    lockFiles: ["pdm.lock"],
    prints: {
      firstContact: ["403 Forbidden", "/files/{name}/BLOCKED-BY-PORTCULLIS/"],
      exact: ["403 Forbidden", BLOCKED_URL],
      onlyWithheld: ["Unable to find a resolution"],
      locked: ["403 Forbidden", "BLOCKED-BY-PORTCULLIS/known-malware/"],
    },
    waiting: { installs: "sometimes", prints: ["503", PLAIN_URL] },
  },
];

function pip(name: string, spec: string): Client {
  const folder = name.replace(" ", "-");
  const into = (place: Place, { command }: Program, args: readonly string[]) => [
    place.command([...command, "install", "--disable-pip-version-check", "--target", "installed", ...args], {
      PIP_CONFIG_FILE: join(place.app, "pip.conf"),
    }),
  ];
  return {
    ...inVenv("installed"),
    name,
    open: () => pythonProgram(folder, spec, "pip"),
    prepare(place) {
      const { urlWithToken } = credentialsOf(place);
      writeFileSync(join(place.app, "pip.conf"), `[global]\nindex-url = ${urlWithToken}/simple/\n`);
      const needs = Object.entries(place.needs).map(([other, range]) => `${other}${range}\n`);
      writeFileSync(join(place.app, "requirements.txt"), needs.join(""));
      const pins = Object.keys(place.needs).map(
        (other) => `${other}==1.1.0 --hash=sha256:${wheelDigest(other, "1.1.0")}\n`,
      );
      writeFileSync(join(place.app, "locked.txt"), pins.join(""));
    },
    install: (place, program) => into(place, program, ["-r", "requirements.txt"]),
    installLocked: (place, program) => into(place, program, ["-r", "locked.txt"]),
    lockFiles: [],
    prints: PIP_PRINTS,
    waiting: { installs: "always" },
  };
}

/** Which version of a package lies in a folder of installed packages. */
function inVenv(folder: string): Pick<Client, "ecosystem" | "installed"> {
  return {
    ecosystem: "pypi",
    installed(place, name) {
      const info = new RegExp(`/${name.replaceAll("-", "_")}-([^/]+)\\.dist-info/METADATA$`);
      const matches = (path: string) => info.test(path.replaceAll("\\", "/"));
      const metadata = findFile(place.app, (path) => path.includes(folder) && matches(path));
      return metadata && info.exec(metadata.replaceAll("\\", "/"))?.[1];
    },
  };
}

function writeProject(place: Place, tables: readonly string[]): void {
  const needs = Object.entries(place.needs).map(([name, range]) => `"${name}${range}"`);
  const lines = [
    "[project]",
    `name = "application"`,
    `version = "1.0.0"`,
    `requires-python = ">=3.10"`,
    `dependencies = [${needs.join(", ")}]`,
    ...tables,
  ];
  writeFileSync(join(place.app, "pyproject.toml"), `${lines.join("\n")}\n`);
}

function uvTables(place: Place): readonly string[] {
  return ["[[tool.uv.index]]", `name = "gate"`, `url = "${place.url}/simple/"`, "default = true"];
}

function uv(place: Place, { command }: Program, args: readonly string[]) {
  return place.command([...command, ...args], {
    UV_PYTHON_DOWNLOADS: "never",
    UV_PYTHON: join(command[0]!, "..", "python"),
    ...(place.token !== undefined && { UV_INDEX_GATE_USERNAME: "token", UV_INDEX_GATE_PASSWORD: place.token }),
  });
}

function poetryTables(place: Place): readonly string[] {
  const source = ["[[tool.poetry.source]]", `name = "gate"`, `url = "${place.url}/simple/"`, `priority = "primary"`];
  return ["[tool.poetry]", "package-mode = false", ...source];
}

function poetry(place: Place, { command }: Program, args: readonly string[]) {
  return place.command([...command, "--no-ansi", "--no-interaction", ...args], {
    POETRY_VIRTUALENVS_IN_PROJECT: "true",
    POETRY_CACHE_DIR: join(place.home, "poetry"),
    PYTHON_KEYRING_BACKEND: "keyring.backends.null.Keyring",
    ...(place.token !== undefined && {
      POETRY_HTTP_BASIC_GATE_USERNAME: "token",
      POETRY_HTTP_BASIC_GATE_PASSWORD: place.token,
    }),
  });
}

function pdmTables(place: Place): readonly string[] {
  const { urlWithToken } = credentialsOf(place);
  return [
    "[tool.pdm]",
    "distribution = false",
    "[[tool.pdm.source]]",
    `name = "pypi"`,
    `url = "${urlWithToken}/simple/"`,
  ];
}

function pdm(place: Place, { command }: Program, args: readonly string[]) {
  return place.command([...command, ...args], {
    PDM_CACHE_DIR: join(place.home, "pdm"),
    PDM_CHECK_UPDATE: "0",
    PDM_IGNORE_SAVED_PYTHON: "1",
  });
}

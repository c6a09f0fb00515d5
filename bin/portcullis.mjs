#!/usr/bin/env node
// The `portcullis` command: src/main.ts in a checkout, dist/main.js when installed, on a Node.js that is new enough.
import { existsSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ownNodeIsEnough, runNode } from "../tools/node/run.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, "src", "main.ts");
const main = existsSync(source) ? source : join(root, "dist", "main.js");
if (ownNodeIsEnough) {
  module.enableCompileCache?.();
  await import(pathToFileURL(main).href);
} else runNode([fileURLToPath(import.meta.url), ...process.argv.slice(2)]);

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { tar, zip } from "../../test/support/archives.ts";
import { kindOf } from "./kinds.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const PE = Buffer.alloc(512);
PE.write("MZ");
PE.writeUInt32LE(128, 60);
PE.write("PE\0\0", 128);
PE.writeUInt16LE(0x20b, 152);
const DOTNET = Buffer.from(PE);
DOTNET.writeUInt32LE(8192, 152 + 224);

const EXPECTED: readonly (readonly [string, string | Buffer, string])[] = [
  ["a.py", "x = 1", "python"],
  ["a.PYW", "x = 1", "python"],
  ["a.js", "1", "javascript"],
  ["a.d.ts", "1", "typescript"],
  ["README.md", "import os\n", "markdown"],
  ["build/x.targets", "<Project/>", "msbuild"],
  ["x.xml", '<?xml version="1.0"?><Project Sdk="x"></Project>', "msbuild"],
  ["x.nuspec", '<?xml version="1.0"?><package/>', "nuspec"],
  ["logo.svg", "<svg/>", "xml"],
  ["LICENSE", "MIT License", "text"],
  // Names are the attacker's choice: content decides where it is plain.
  ["lib.txt", latin1("\x7fELF\x02\x01"), "executable"],
  ["logo.png", PE, "executable"],
  ["data.js", DOTNET, "dotnet"],
  ["logo.png", zip({ a: "b" }), "archive"],
  ["x.py", gzipSync("abc"), "archive"],
  ["x", tar({ a: "b" }), "archive"],
  ["x.dat", latin1("\xa7\x0d\x0d\x0a\0\0\0\0\0\0\0\0\0\0\0\0"), "pyc"],
  ["postinstall", "#!/usr/bin/env node\n1", "javascript"],
  ["run.txt", "#!/usr/bin/python3\n", "python"],
  ["run", "#!/bin/bash\n", "shell"],
  ["notes.txt", "# comment\n\nimport os, sys\n", "python"],
  ["font.woff", "const a = require('x')\n", "javascript"],
  ["config.yml", "import os\nos.remove('x')\n", "python"],
  ["style.css", "@import 'a.css';", "text"],
  // A picture's first bytes are a valid script's as well, so an interpreter's name wins.
  ["x.js", "GIF89a=1;", "javascript"],
  ["x.gif", "GIF89a=1;", "image"],
  ["x.js", "let a = '\0'", "javascript"],
  ["x.dat", "a\0b", "binary"],
  ["x.ps1", Buffer.concat([latin1("\xff\xfe"), Buffer.from("iex", "utf16le")]), "powershell"],
  ["empty", "", "text"],
];

for (const [path, content, kind] of EXPECTED) {
  test(`${path} with ${JSON.stringify(content.toString("latin1" as never).slice(0, 20))} is ${kind}`, () => {
    assert.equal(kindOf(path, Buffer.from(content as string)), kind);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildAssembly } from "../../../test/support/assembly-text.ts";
import { readAssembly } from "./dotnet.ts";
import { reach } from "./il.ts";

const DEMO = buildAssembly(`assembly Demo
method <Module>::.cctor calls Demo.Tool::Get, "started"
method Demo.Tool::Get calls System.Net.WebClient::DownloadFile, Demo.Tool::Run
method Demo.Tool::Run calls System.Diagnostics.Process::Start, System.Reflection.Assembly::Load(byte[])
method Demo.Other::.cctor calls System.String::Format
import kernel32.dll VirtualAllocEx
string https://example.invalid/a`);

test("an assembly's names, members, imports and strings are read", () => {
  const assembly = readAssembly(DEMO)!;
  assert.equal(assembly.name, "Demo");
  assert.deepEqual(assembly.references, ["mscorlib"]);
  assert.deepEqual(assembly.methods, [
    "",
    "<Module>::.cctor",
    "Demo.Tool::Get",
    "Demo.Tool::Run",
    "Demo.Other::.cctor",
    "Demo.Other::VirtualAllocEx",
  ]);
  assert.ok(assembly.members.includes("System.Net.WebClient::DownloadFile"));
  assert.ok(assembly.members.includes("System.Reflection.Assembly::Load(byte[])"));
  assert.deepEqual(assembly.imports, [{ library: "kernel32.dll", name: "VirtualAllocEx", method: 5 }]);
  assert.deepEqual([...assembly.strings()], ["https://example.invalid/a", "started"]);
  assert.equal(assembly.moduleInitializer, 1);
  assert.deepEqual(assembly.typeInitializers, [4]);
});

test("what a method reaches through its own calls is followed", () => {
  const assembly = readAssembly(DEMO)!;
  const reached = reach(assembly, assembly.moduleInitializer);
  assert.deepEqual(
    [...reached.members],
    [
      "System.Net.WebClient::DownloadFile",
      "System.Diagnostics.Process::Start",
      "System.Reflection.Assembly::Load(byte[])",
    ],
  );
  assert.deepEqual(reached.strings, ["started"]);
  assert.deepEqual([...reach(assembly, 4).members], ["System.String::Format"]);
});

test("truncated and damaged assemblies are unreadable or harmless, and never throw or hang", () => {
  const started = performance.now();
  for (let length = 0; length < DEMO.length; length += 7) assert.doesNotThrow(() => walk(DEMO.subarray(0, length)));
  let seed = 1;
  for (let round = 0; round < 3_000; round++) {
    const damaged = Buffer.from(DEMO);
    for (let change = 0; change < 4; change++) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      damaged[seed % damaged.length] = (seed >> 8) & 0xff;
    }
    assert.doesNotThrow(() => walk(damaged));
  }
  assert.ok(performance.now() - started < 20_000);
});

test("a table that claims a million rows it does not have is refused", () => {
  const huge = Buffer.from(DEMO);
  // The mask of the tables that are there, after which come eight bytes and the counts.
  const counts = huge.indexOf(Buffer.from([0x47, 0x04, 0x00, 0x14, 0x09])) + 16;
  huge.writeUInt32LE(1_000_000, counts);
  assert.equal(readAssembly(huge), undefined);
});

function walk(bytes: Buffer): void {
  if (bytes.length < 64) return;
  const assembly = readAssembly(bytes);
  if (!assembly) return;
  for (const row of [assembly.moduleInitializer, ...assembly.typeInitializers]) reach(assembly, row);
  for (const text of assembly.strings()) assert.equal(typeof text, "string");
}

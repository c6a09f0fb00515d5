import assert from "node:assert/strict";
import { test } from "node:test";
import { buildAssembly } from "../../../test/support/assembly-text.ts";
import { readAssembly } from "./dotnet.ts";
import { act, said } from "./il-run.ts";
import { methodsWorthRunning } from "./il-worth.ts";

const START = "System.Diagnostics.Process::Start/1";
/** `br.s` to itself: a loop without end. */
const FOREVER = "{2bfe}";

function acted(...lines: string[]) {
  return act(readAssembly(buildAssembly(["assembly Demo", ...lines].join("\n")))!);
}

test("a text that is put together from parts is what the call is given", () => {
  const { calls, texts, cut } = acted(`method Demo.Tool::Go calls "cm", "d.exe", System.String::Concat/2>, ${START}`);
  assert.deepEqual(
    calls.filter(({ member }) => member.endsWith("Start")).map((call) => said(call)),
    ["cmd.exe"],
  );
  assert.ok(texts.includes("cmd.exe"));
  assert.deepEqual([...cut], []);
});

test("the other side of a branch is read, however many there are before it", () => {
  // `ldnull; brtrue.s +1; ret` is not known to be taken; behind each `ret` lies what only a branch reaches.
  const pockets = Array.from({ length: 300 }, () => "{142d012a}").join(", ");
  const { calls, cut } = acted(`method <Module>::.cctor calls ${pockets}, "calc.exe", ${START}`);
  assert.deepEqual(
    calls.map((call) => said(call)),
    ["calc.exe"],
  );
  assert.deepEqual([...cut], []);
});

test("a method that takes too many steps is cut off and named, and the others are still run", () => {
  const { calls, cut } = acted(
    `method <Module>::.cctor calls ${FOREVER}, "calc.exe", ${START}`,
    `method Demo.Tool::Go calls "cmd.exe", ${START}`,
  );
  assert.deepEqual([...cut], [1]);
  assert.deepEqual(
    calls.map((call) => said(call)),
    ["cmd.exe"],
  );
});

test("what runs by itself is run first, so that endless methods before it take nothing from it", () => {
  const endless = Array.from({ length: 9 }, (_, at) => `method Demo.Tool::Go${at} calls ${FOREVER}, ${START}`);
  const { calls, cut } = acted(...endless, `method Demo.Type::.cctor calls "calc.exe", ${START}`);
  assert.deepEqual(
    calls.map((call) => said(call)),
    ["calc.exe"],
  );
  assert.equal(cut.has(10), false);
  assert.equal(cut.size, 9);
});

test("a call of a member worth following is found wherever an instruction may begin, and other methods are passed over", () => {
  const assembly = readAssembly(
    buildAssembly(`assembly Demo
method Demo.Tool::Plain calls System.String::Concat/2>
method Demo.Tool::Odd calls {00}, ${START}
method Demo.Tool::Native calls {2804000006}
import kernel32.dll VirtualAllocEx`),
  )!;
  assert.deepEqual(methodsWorthRunning(assembly), [2, 3]);
});

test("bodies that share their bytes cost no more than those bytes", () => {
  const plain = readAssembly(buildAssembly(`assembly Demo\nmethod Demo.Tool::Go calls ${START}`))!;
  const body = Buffer.alloc(8 << 20);
  body.set([0x28, 0x01, 0x00, 0x00, 0x0a], body.length - 5);
  const methods = Array.from({ length: 20_001 }, () => "Demo.Tool::Go");
  const before = process.cpuUsage();
  const rows = methodsWorthRunning({ ...plain, methods, bodyOf: (row) => body.subarray(row) });
  const { user } = process.cpuUsage(before);
  assert.equal(rows.length, 20_000);
  assert.ok(user < 5_000_000, `${user / 1000} ms`);
});

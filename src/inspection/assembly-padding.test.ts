import assert from "node:assert/strict";
import { test } from "node:test";
import { nupkg } from "../../test/support/archives.ts";
import { buildAssembly } from "../../test/support/assembly-text.ts";
import { inspect } from "./inspect.ts";

const ENDLESS = "{2bfe}, System.Convert::FromBase64String/1>, System.Diagnostics.Process::Start/1";

function verdictOn(lines: readonly string[]) {
  const bytes = nupkg({
    name: "Demo",
    version: "1.0.0",
    files: { "lib/net8.0/Demo.dll": buildAssembly(["assembly Demo", ...lines].join("\n")) },
  });
  return inspect({ bytes, filename: "demo.1.0.0.nupkg", ecosystem: "nuget" }).verdict;
}

test("an assembly whose module initializer takes more steps than are followed is unknown", () => {
  const { word, because } = verdictOn([`method <Module>::.cctor calls ${ENDLESS}`]);
  assert.equal(word, "unknown");
  assert.match(because ?? "", /Demo\.dll could not be read: what it does by itself takes more steps/);
});

test("so is what it reaches, and a static constructor of a small assembly", () => {
  const reached = ["method <Module>::.cctor calls Demo.Tool::Go", `method Demo.Tool::Go calls ${ENDLESS}`];
  assert.equal(verdictOn(reached).word, "unknown");
  assert.equal(verdictOn([`method Demo.Tool::.cctor calls ${ENDLESS}`]).word, "unknown");
});

test("a method that somebody has to call may take more steps", () => {
  assert.equal(verdictOn([`method Demo.Tool::Go calls ${ENDLESS}`]).word, "clean");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { oneLine, writeTable } from "./table.ts";

test("columns are as wide as their widest cell, and numbers stand to the right", () => {
  const text = writeTable(
    ["NAME", { title: "COUNT", align: "right" }, "LAST"],
    [
      ["ada", "7", "x"],
      ["a-longer-name", "12345", ""],
    ],
  );
  assert.deepEqual(text.split("\n"), [
    "NAME           COUNT  LAST",
    "ada                7  x",
    "a-longer-name  12345",
    "",
  ]);
});

test("a cell cannot clear the screen or start a line", () => {
  assert.equal(oneLine("a\u001b[2Jb\nc\u202ed"), "a?[2Jb?c?d");
  assert.ok(!writeTable(["X"], [["\u001b[31m\r\n"]]).includes("\u001b"));
});

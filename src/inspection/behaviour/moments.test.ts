import assert from "node:assert/strict";
import { test } from "node:test";
import { PREFILTER } from "../searched.ts";
import { sourceFile } from "../source-file.ts";
import { phaseAt } from "./moments.ts";
import { statementsOf } from "./statements.ts";

/** The phase of the line with `here` in a module that is imported. */
function phaseOf(text: string) {
  const content = { bytes: Buffer.from(text) };
  const file = sourceFile("demo/a.py", content, "python", { prefilter: PREFILTER, lexedBytes: 1 << 20 });
  file.phase = "import";
  const { all } = statementsOf(file);
  const at = all.findIndex(
    ({ first, end }) => text.slice(file.tokens.start(first), file.tokens.end(end - 1)) === "here()",
  );
  return phaseAt(file, at);
}

test("a function runs at import when the top level calls it, not when a signature names it as a default", () => {
  const defines = "def act():\n    here()\n\n";
  assert.equal(phaseOf(`${defines}act()\n`), "import");
  assert.equal(phaseOf(`${defines}def show(data, act=act):\n    return act(data)\n`), "call");
  assert.equal(phaseOf(`${defines}if __name__ == "__main__":\n    act()\n`), "call");
});

test("a default is followed into the function that is called with it, and a call among the defaults runs at once", () => {
  const defines = "def act():\n    here()\n\n";
  assert.equal(phaseOf(`${defines}def show(run=act):\n    run()\n\nshow()\n`), "import");
  assert.equal(phaseOf(`${defines}def show(result=act()):\n    return result\n`), "import");
});

test("a lambda with a name runs when something calls it, and what stands beside it or is worked out for it at once", () => {
  assert.equal(phaseOfLine("act = lambda one, two: here()\n"), "call");
  assert.equal(phaseOfLine("act = lambda: here()\nact()\n"), "import");
  assert.equal(phaseOfLine("act = lambda: here()\nother = act\nother()\n"), "import");
  assert.equal(phaseOfLine("act = lambda: 0, here()\n"), "import");
  assert.equal(phaseOfLine("act = lambda one=here(): 0\n"), "import");
  assert.equal(phaseOfLine("act = (lambda: here())()\n"), "import");
});

/** The phase of the first line in a module that is imported. */
function phaseOfLine(text: string) {
  const content = { bytes: Buffer.from(text) };
  const file = sourceFile("demo/a.py", content, "python", { prefilter: PREFILTER, lexedBytes: 1 << 20 });
  file.phase = "import";
  return phaseAt(file, 0);
}

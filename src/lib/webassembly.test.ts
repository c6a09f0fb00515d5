import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import {
  add,
  constant,
  get,
  inTurn,
  less,
  load,
  loadByte,
  loadShort,
  loadWord,
  moduleOf,
  multiply,
  or,
  repeat,
  set,
  shiftLeft,
  storeByte,
  storeWord,
  when,
} from "./webassembly.ts";

const ADDRESS = 8;
/** Runs a module that leaves `value` at ADDRESS, computed from two parameters. */
function computed(value: Parameters<typeof storeWord>[1], ...parameters: readonly [number, number]): number {
  const { memory, run } = load(moduleOf(1, 2, 0, storeWord(constant(0), value, ADDRESS)));
  run(...parameters);
  return new Int32Array(memory)[ADDRESS / 4]!;
}

test("constants of every length, and what is computed of them, are what JavaScript computes", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.integer(), (left, right, fixed) => {
      assert.equal(computed(constant(fixed), 0, 0), fixed);
      assert.equal(computed(add(get(0), get(1)), left, right), (left + right) | 0);
      assert.equal(computed(multiply(get(0), constant(fixed)), left, 0), Math.imul(left, fixed));
      assert.equal(computed(or(get(0), shiftLeft(get(1), constant(fixed & 31))), left, right), left | (right << fixed));
      assert.equal(computed(less(get(0), get(1)), left, right), left >>> 0 < right >>> 0 ? 1 : 0);
    }),
    { numRuns: 50 },
  );
});

test("a loop copies bytes until its condition fails, and not at all when it does not hold at first", () => {
  const [from, to, count, at] = [1_000, 70_000, get(0), 1];
  const body = inTurn(
    storeByte(get(at), loadByte(get(at), from), to),
    set(at, add(get(at), constant(1))),
    when(less(get(at), constant(2)), storeByte(constant(0), constant(7), 5)),
  );
  const { memory, run } = load(moduleOf(2, 1, 1, repeat(less(get(at), count), body)));
  const bytes = new Uint8Array(memory);
  bytes.set([1, 2, 3, 4], from);
  run(0);
  assert.deepEqual([...bytes.subarray(to, to + 4), bytes[5]], [0, 0, 0, 0, 0]);
  run(3);
  assert.deepEqual([...bytes.subarray(to, to + 4), bytes[5]], [1, 2, 3, 0, 7]);
});

test("numbers of two and four bytes are read lowest byte first", () => {
  const reads = inTurn(
    storeWord(constant(0), loadShort(get(0), 0), ADDRESS),
    storeWord(constant(4), loadWord(get(0), 0), ADDRESS),
  );
  const { memory, run } = load(moduleOf(1, 1, 0, reads));
  new Uint8Array(memory).set([0x78, 0x56, 0x34, 0x12], 300);
  run(300);
  assert.deepEqual([...new Int32Array(memory, ADDRESS, 2)], [0x5678, 0x12345678]);
});

test("reading outside the memory is an error", () => {
  const { run } = load(moduleOf(1, 1, 0, storeWord(constant(0), loadByte(get(0), 0), 0)));
  assert.throws(() => run(1 << 16), /out of bounds/);
});

test("a module runs where code from strings is forbidden and no file may be written", () => {
  const program = `import { load, moduleOf } from ${JSON.stringify(import.meta.resolve("./webassembly.ts"))}; load(moduleOf(1, 0, 0, [])).run();`;
  const flags = ["--permission", `--allow-fs-read=${import.meta.dirname}`, "--disallow-code-generation-from-strings"];
  const { status, stderr } = spawnSync(process.execPath, [...flags, "--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compile } from "./prefilter/automaton.ts";
import { compiledScan, plainScan } from "./prefilter/scanner.ts";
import { buildPrefilter } from "./prefilter.ts";

function naive(literals: readonly string[], bytes: Buffer): string[] {
  const text = bytes
    .toString("latin1")
    .replaceAll("\0", "")
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return [...new Set(literals.map((literal) => literal.toLowerCase()))].filter((literal) => text.includes(literal));
}

test("a literal is found in either case, at the start, at the end and inside another literal", () => {
  const hits = buildPrefilter(["eval(", "val", "child_process", "absent"]).scan(Buffer.from("EVAL(x) Child_Process"));
  assert.equal(hits.has("eval("), true);
  assert.equal(hits.has("Val"), true);
  assert.equal(hits.has("child_process"), true);
  assert.equal(hits.has("absent"), false);
  assert.deepEqual(hits.literals(), ["eval(", "val", "child_process"]);
  assert.equal(hits.size, 3);
});

test("a literal that the prefilter does not know is an error, not a no", () => {
  assert.throws(() => buildPrefilter(["a"]).scan(Buffer.alloc(0)).has("b"), /unknown to the prefilter/);
});

test("literals must be ASCII and not empty", () => {
  assert.throws(() => buildPrefilter([""]), /not an ASCII literal/);
  assert.throws(() => buildPrefilter(["é"]), /not an ASCII literal/);
  assert.throws(() => buildPrefilter(["a\0"]), /not an ASCII literal/);
  assert.throws(() => buildPrefilter(Array.from({ length: 9000 }, (_, at) => `literal${at}`)), /too many literals/);
});

test("no literals find nothing", () => {
  assert.equal(buildPrefilter([]).scan(Buffer.from("x")).size, 0);
});

test("UTF-16 text of either byte order matches, with a byte order mark or without", () => {
  const prefilter = buildPrefilter(["invoke-expression"]);
  const little = Buffer.from("\ufeffx; Invoke-Expression $y", "utf16le");
  assert.equal(prefilter.scan(little).has("invoke-expression"), true);
  assert.equal(prefilter.scan(Buffer.from(little).swap16()).has("invoke-expression"), true);
  assert.equal(prefilter.scan(little.subarray(2)).has("invoke-expression"), true);
});

test("a literal across the middle of a large file is found, however many NULs lie between", () => {
  const prefilter = buildPrefilter(["abcdefgh", "zz"]);
  for (let shift = 0; shift < 12; shift++) {
    const bytes = Buffer.alloc(1000, "x");
    Buffer.from("ab\0\0c\0defgh").copy(bytes, 490 + shift);
    assert.deepEqual(prefilter.scan(bytes).literals(), ["abcdefgh"], `shift ${shift}`);
  }
  const wide = Buffer.concat([Buffer.alloc(400, "x"), Buffer.from("abcd"), Buffer.alloc(5000), Buffer.from("efgh")]);
  assert.equal(prefilter.scan(wide).has("abcdefgh"), true);
});

test("it agrees with a naive search", () => {
  const letter = fc.constantFrom("a", "b", "A", "(", "_", "\0", "\xff");
  const text = fc.array(letter, { maxLength: 900 }).map((letters) => Buffer.from(letters.join(""), "latin1"));
  const literal = fc.array(fc.constantFrom("a", "b", "A", "(", "_"), { minLength: 1, maxLength: 6 });
  const literals = fc.array(
    literal.map((letters) => letters.join("")),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(literals, text, (words, bytes) => {
      assert.deepEqual(buildPrefilter(words).scan(bytes).literals(), naive(words, bytes));
    }),
    { numRuns: 500 },
  );
});

test("the compiled scan finds what the plain one finds, whatever the length of a file and the place of its NULs", () => {
  const words = ["abcdefgh", "bcd", "ghab", "a(b", "zz".repeat(40)];
  const automaton = compile(words);
  const [plain, compiled] = [plainScan(automaton), compiledScan(automaton)];
  const literalsSeen = (scan: typeof plain, bytes: Buffer) => {
    const seen = new Uint8Array(automaton.accepts.length);
    scan(bytes, seen);
    return new Set(automaton.accepts.filter((_, at) => seen[at] === 1).flat());
  };
  const piece = fc.oneof(
    { arbitrary: fc.constantFrom(...words, "ABCD", "(", "\0", "\0\0\0", "x".repeat(50), "zz"), weight: 5 },
    { arbitrary: fc.integer({ min: 1, max: 140_000 }).map((length) => "\0".repeat(length)), weight: 1 },
    { arbitrary: fc.integer({ min: 1, max: 140_000 }).map((length) => "x".repeat(length)), weight: 1 },
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(7), (pieces, cut) => {
      const bytes = Buffer.from(pieces.join(""), "latin1");
      for (const each of [bytes, bytes.subarray(cut)])
        assert.deepEqual(literalsSeen(compiled, each), literalsSeen(plain, each));
    }),
    { numRuns: 60 },
  );
});

test("a list of literals is answered together, for one file and for several", () => {
  const prefilter = buildPrefilter(["eval(", "child_process", "absent"]);
  const [one, two] = [prefilter.scan(Buffer.from("x eval(")), prefilter.scan(Buffer.from("CHILD_PROCESS"))];
  const wanted = ["child_process", "absent"];
  assert.deepEqual([one.hasAny(wanted), two.hasAny(wanted), one.hasAny([])], [false, true, false]);
  assert.deepEqual(one.with([two]).literals(), ["eval(", "child_process"]);
  assert.equal(one.size, 1);
  assert.throws(() => one.hasAny(["unheard"]), /unknown to the prefilter/);
});

test("a thousand literals fit a table of two megabytes", () => {
  const words = Array.from({ length: 1000 }, (_, at) => `${(at * 7919).toString(36)}.example${at}`);
  const prefilter = buildPrefilter(words);
  assert.ok(prefilter.tableBytes < 2 << 20, `${prefilter.tableBytes}`);
  assert.deepEqual(prefilter.scan(Buffer.from(words.join(" "))).size, 1000);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { ascii85, base32, base64, base85, hex, inflate, percent, rot13, xor } from "./codecs.ts";

test("encodings give the bytes that the languages' own decoders give", () => {
  assert.equal(base64("aGVs\nbG8"), "hello");
  assert.equal(base64("_-8="), "\xff\xef");
  assert.equal(base32("nbswy3dp"), "hello");
  assert.equal(hex("68:65 6c6c6f"), "hello");
  assert.equal(base85("Xk~0{Zv"), "hello");
  assert.equal(ascii85("<~BOu!rDZ~>"), "hello");
  assert.equal(rot13("Uryyb"), "Hello");
  assert.equal(xor("\x01\x03\x03", "ab"), "`ab");
  assert.equal(percent("%u0041%42", false), "AB");
  assert.equal(percent("%C3%A9", true), "é");
});

test("what is no such encoding gives undefined", () => {
  for (const decode of [base64, base32, hex, base85]) assert.equal(decode("é!?\u0000"), undefined);
  assert.equal(hex("abc"), undefined);
  assert.equal(inflate("no stream"), undefined);
});

test("zlib, gzip and raw streams are told apart, and a bomb is refused", () => {
  for (const pack of [deflateSync, gzipSync, deflateRawSync])
    assert.equal(inflate(pack("hello").toString("latin1")), "hello");
  assert.equal(inflate(gzipSync(Buffer.alloc(17 << 20)).toString("latin1")), undefined);
});

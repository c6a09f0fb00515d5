import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { findDecoys, makeDecoys } from "./decoys.ts";
import { answerDns, readQuestion } from "./dns.ts";
import { describe } from "./first-bytes.ts";

const question = (name: string, type = 1) =>
  Buffer.concat([
    Buffer.from("abcd01000001000000000000", "hex"),
    ...name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0, 0, type, 0, 1]),
  ]);

test("a name is read from a question and answered with an address", () => {
  const asked = readQuestion(question("c2.Example.invalid"));
  assert.deepEqual([asked?.name, asked?.type], ["c2.example.invalid", "A"]);
  const answer = answerDns(question("c2.example.invalid"), asked!, "198.18.0.1");
  assert.deepEqual([...answer.subarray(-4)], [198, 18, 0, 1]);
  assert.equal(answer.readUInt16BE(6), 1);
  const text = readQuestion(question("c2.example.invalid", 16))!;
  assert.equal(answerDns(question("c2.example.invalid", 16), text, "198.18.0.1").readUInt16BE(6), 0);
});

test("a damaged question is no question", () => {
  const whole = question("a.example.invalid");
  for (let length = 0; length < whole.length; length++)
    assert.equal(readQuestion(whole.subarray(0, length)), undefined);
  assert.equal(readQuestion(Buffer.concat([whole.subarray(0, 12), Buffer.alloc(300, 0xff)])), undefined);
  assert.equal(readQuestion(question("x\r\ny.example.invalid"))?.name, "x\\13\\10y.example.invalid");
});

test("HTTP, TLS and other talk are told apart", () => {
  const http = describe([
    Buffer.from("POST /c?h=1 HTTP/1.1\r\nHost: example.invalid:8080\r\nContent-Length: 3\r\n\r\nab"),
  ]);
  assert.deepEqual(
    [http.protocol, http.line, http.name, http.complete],
    ["http", "POST /c?h=1", "example.invalid", false],
  );
  const whole = describe([Buffer.from("GET / HTTP/1.1\r\nHost: example.invalid\r\n\r\n")]);
  assert.equal(whole.complete, true);
  assert.deepEqual(describe([Buffer.from("hello\x1b[2J")]), { protocol: "other", line: "hello.[2J", complete: false });
});

test("the server name of a ClientHello is read, and a damaged one is none", () => {
  const name = Buffer.from("example.invalid");
  const entry = Buffer.concat([Buffer.from([0, 0, 0, name.length + 5, 0, name.length + 3, 0, 0, name.length]), name]);
  const hello = Buffer.concat([
    Buffer.from([0x16, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3]),
    createHash("sha256").update("").digest(),
    Buffer.from([0, 0, 2, 0x13, 1, 1, 0, 0, entry.length]),
    entry,
  ]);
  assert.equal(describe([hello]).name, "example.invalid");
  for (let length = 3; length < hello.length - name.length; length++) {
    assert.equal(describe([hello.subarray(0, length)]).protocol, "tls");
  }
});

test("a decoy is found as it is, in hex, in base64 at any alignment, and reversed", () => {
  const { values } = makeDecoys();
  const token = values["the npm token"]!;
  for (const said of [
    `x=${token}`,
    Buffer.from(`{"t":"${token}"}`).toString("hex"),
    ...["", "a", "ab"].map((before) => Buffer.from(`${before}${token} and more`).toString("base64")),
    Buffer.from(`a${token}zz`).toString("base64url"),
    [...token].reverse().join(""),
  ]) {
    assert.deepEqual(findDecoys(Buffer.from(said), values), ["the npm token"], said);
  }
  assert.deepEqual(findDecoys(Buffer.from("npm_ and nothing else"), values), []);
});

test("no two runs have the same decoys", () => {
  const [one, two] = [makeDecoys(), makeDecoys()];
  for (const name of Object.keys(one.values)) assert.notEqual(one.values[name], two.values[name]);
});

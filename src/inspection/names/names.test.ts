import assert from "node:assert/strict";
import { test } from "node:test";
import { combinationOf } from "./combinations.ts";
import { builtInLookalikes } from "./index.ts";
import { LEAST_SCORE, openLookalikes } from "./lookalikes.ts";
import { builtInList, type PopularList, readPopularList } from "./popular.ts";
import { foldLetters, oneEdit, skeleton, squash, withinEdits } from "./spelling.ts";

const pypi = builtInLookalikes("pypi");
const npm = builtInLookalikes("npm");
const nuget = builtInLookalikes("nuget");

test("each way of imitating a popular name is recognised and told apart", () => {
  for (const [name, popular, how] of [
    ["reqeusts", "requests", "swapped letters"],
    ["requestss", "requests", "repeated letter"],
    ["requets", "requests", "missing letter"],
    ["requedts", "requests", "neighbouring key"],
    ["beautifu1soup4", "beautifulsoup4", "look-alike letters"],
    ["beautiful_soup4", "beautifulsoup4", "separators"],
    ["matpiotlib", "matplotlib", "look-alike letters"],
    ["setuptool", "setuptools", "plural"],
    ["dateutil-python", "python-dateutil", "order of words"],
    ["beautiflsoup", "beautifulsoup4", "two edits"],
  ] as const) {
    const found = pypi.find(name);
    assert.deepEqual([found?.popular, found?.how], [popular, how], name);
    assert.ok(found!.score >= LEAST_SCORE, `${name}: ${found!.score}`);
  }
});

test("letters of other alphabets are read as the Latin ones that they look like", () => {
  assert.equal(foldLetters("N\u0435wt\u043ensoft"), "Newtonsoft");
  assert.equal(nuget.find("N\u0435wt\u043ensoft.Json")?.score, 1);
  assert.equal(foldLetters("re\u200bact"), "react");
  assert.equal(squash("\uff52eact"), "react");
});

test("popular names, short names and names that differ in a number are no imitations", () => {
  for (const [lookalikes, name] of [
    [pypi, "requests"],
    [pypi, "Typing_Extensions"],
    [pypi, "boto2"],
    [pypi, "sixx"],
    [npm, "@types/node"],
    [npm, "rect"],
    [npm, "tidy-colors"],
    [nuget, "Demo.Lib"],
    [pypi, ""],
    [pypi, "-"],
  ] as const)
    assert.ok((lookalikes.find(name)?.score ?? 0) < LEAST_SCORE, name);
});

test("a popular name with empty words, a number or another scope is recognised, one with a word that says something is not", () => {
  const by = (lookalikes: typeof npm, name: string) => combinationOf(lookalikes, name)?.popular;
  assert.equal(by(npm, "express-utils"), "express");
  assert.equal(by(npm, "node-express"), "express");
  assert.equal(by(npm, "types-node"), "@types/node");
  assert.equal(by(npm, "@typess/node"), "@types/node");
  assert.equal(by(pypi, "requests2"), "requests");
  assert.equal(by(npm, "@types/node"), undefined);
  assert.equal(by(npm, "express-rate-limit"), undefined);
  assert.equal(by(npm, "@demo/node"), undefined);
  assert.equal(by(npm, `${"a-".repeat(200)}b`), undefined);
});

test("edits are counted with swaps of neighbours as one", () => {
  assert.ok(withinEdits("abcdef", "abdcef", 1));
  assert.ok(withinEdits("abcdef", "abxxef", 2));
  assert.ok(!withinEdits("abcdef", "fedcba", 2));
  assert.equal(oneEdit("abc", "abcdef"), undefined);
  assert.equal(skeleton("rnatp1otlib"), skeleton("matplotlib"));
});

test("a question is answered quickly, for hostile names as well", () => {
  npm.find("warm-up");
  const started = process.cpuUsage();
  const names = ["a".repeat(214), "react".repeat(40), `${"ab-".repeat(70)}c`, "@".repeat(200), "\u0430".repeat(200)];
  for (let round = 0; round < 20; round++) for (const name of names) npm.find(`${name}${round}`);
  const { user, system } = process.cpuUsage(started);
  assert.ok((user + system) / 1000 / 100 < 20, `${(user + system) / 1000 / 100} ms for each`);
});

test("the lists that come with the program are whole, dated, and without repetition", () => {
  for (const ecosystem of ["pypi", "npm", "nuget"] as const) {
    const list = readPopularList(builtInList(ecosystem), ecosystem);
    const names = list.names.split(" ");
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.every((name) => /^[!-~]{1,214}$/.test(name) && name === name.toLowerCase()));
  }
});

test("a list that is damaged is refused with the member that is wrong", () => {
  const good: PopularList = builtInList("nuget");
  assert.throws(() => readPopularList({ ...good, names: "a b" }, "nuget"), /^TypeError: names: 2, not/);
  assert.throws(() => readPopularList({ ...good, asOf: "today" }, "nuget"), /asOf/);
  assert.throws(() => readPopularList(good, "npm"), /ecosystem/);
  assert.throws(() => readPopularList(null, "npm"), /ecosystem/);
  assert.equal(openLookalikes(good).rankOf("Newtonsoft.Json"), 1);
});

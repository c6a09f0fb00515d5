import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { testApp } from "../../test/support/test-app.ts";
import type { App } from "../app.ts";
import { raw } from "../storage/database/sqlite.ts";
import { listCampaigns } from "./campaigns.ts";
import { type AssessedRelease, rememberRelease } from "./known-releases.ts";
import type { FileShape, Print } from "./prints.ts";
import { withheldTwin } from "./resemblances.ts";

/** Parts of code by number: equal numbers are equal parts, and every part is as likely to be sampled as any other. */
function file(path: string, parts: readonly number[]): FileShape {
  const hash = (part: number) => (((part * 2_654_435_761) % 2 ** 32) * 2 ** 20 + part) % 2 ** 52;
  const shingles = parts.map(hash).sort((a, b) => a - b);
  return {
    path,
    digest: shingles.reduce((sum, one) => (sum * 31 + one) % 2 ** 40, 7),
    tokens: parts.length * 4,
    shingles,
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

function release(name: string, print: Partial<Print>, more: Partial<AssessedRelease> = {}): AssessedRelease {
  return {
    ecosystem: "pypi",
    name,
    version: "1.0",
    filename: `${name}-1.0.tar.gz`,
    sha256: name,
    own: "malicious",
    word: "malicious",
    print: { files: [], indicators: [], ...print },
    culprits: [],
    ...more,
  };
}

const clean = (name: string, print: Partial<Print>, more: Partial<AssessedRelease> = {}) =>
  release(name, print, { own: "clean", word: "clean", ...more });

const twinOf = (app: App, of: AssessedRelease, isPardoned = () => false) =>
  withheldTwin(raw(app.database), of, isPardoned)?.name;

async function open(t: TestContext, ...releases: readonly AssessedRelease[]) {
  const app = await testApp(t);
  for (const one of releases) await rememberRelease(app, one);
  return app;
}

test("a release most of whose code is that of a withheld one is recognised, one with half of it is not", async (t) => {
  const app = await open(t, release("evil", { files: [file("setup.py", range(0, 40))] }));
  assert.equal(twinOf(app, clean("variant", { files: [file("a.py", range(0, 38))] })), "evil");
  assert.equal(twinOf(app, clean("other", { files: [file("a.py", range(20, 60))] })), undefined);
  assert.equal(twinOf(app, clean("small", { files: [file("a.py", range(0, 6))] })), undefined);
});

test("what many clean projects have in common says nothing, what one project has in many versions does", async (t) => {
  const template = [file("setup.py", range(0, 40))];
  const app = await open(
    t,
    release("evil", { files: [file("setup.py", range(0, 44))] }),
    ...["1", "2", "3", "4"].map((version) =>
      clean("one", { files: template }, { version, sha256: version, filename: version }),
    ),
  );
  const lookalike = clean("cookiecutter", { files: [file("setup.py", range(0, 42))] });
  assert.equal(twinOf(app, lookalike), "evil");
  for (const name of ["two", "three"]) await rememberRelease(app, clean(name, { files: template }));
  assert.equal(twinOf(app, lookalike), undefined);
});

test("a clean release that turns out to be malicious no longer makes its code common", async (t) => {
  const files = [file("setup.py", range(0, 40))];
  const app = await open(t, ...["a", "b", "c"].map((name) => clean(name, { files })), release("evil", { files }));
  const variant = clean("variant", { files: [file("setup.py", range(0, 39))] });
  assert.equal(twinOf(app, variant), undefined);
  await rememberRelease(app, release("a", { files }));
  assert.notEqual(twinOf(app, variant), undefined);
});

test("the release that repairs an attacked project is not recognised by what it kept, the same culprit again is", async (t) => {
  const app = await open(t, release("lib", { files: [file("index.js", range(0, 45))] }));
  const repaired = clean("lib", { files: [file("index.js", range(0, 40))] }, { version: "1.1", sha256: "new" });
  assert.equal(twinOf(app, repaired), undefined);
  const again = clean("lib", { files: [file("index.js", range(0, 45))] }, { version: "1.2", sha256: "again" });
  assert.equal(twinOf(app, again), "lib");
});

test("only what was found malicious in its own bytes withholds others, and a pardoned release withholds none", async (t) => {
  const app = await open(
    t,
    release("doubt", { files: [file("a.py", range(0, 40))] }, { own: "suspicious", word: "suspicious" }),
    release("likeness", { files: [file("b.py", range(100, 140))] }, { own: "clean" }),
  );
  assert.equal(twinOf(app, clean("x", { files: [file("a.py", range(0, 40))] })), undefined);
  assert.equal(twinOf(app, clean("x", { files: [file("b.py", range(100, 140))] })), undefined);
  await rememberRelease(app, release("evil", { files: [file("c.py", range(200, 240))] }));
  const variant = clean("x", { files: [file("c.py", range(200, 240))] });
  assert.equal(twinOf(app, variant), "evil");
  assert.equal(
    twinOf(app, variant, () => true),
    undefined,
  );
});

test("only the files in which something was found are recognised", async (t) => {
  const files = [file("lib.py", range(0, 40)), file("setup.py", range(50, 90)), file("other.py", range(100, 140))];
  const app = await open(t, release("evil", { files }, { culprits: ["setup.py"] }));
  assert.equal(twinOf(app, clean("fork", { files: [files[0]!] })), undefined);
  assert.equal(twinOf(app, clean("variant", { files: [file("x.py", range(50, 90))] })), "evil");
});

test("what was found in code without a shape of its own is not laid at another file's door, what was found in a manifest is", async (t) => {
  const files = [file("setup.py", range(0, 40))];
  const lookalike = clean("lookalike", { files });
  const app = await open(t, release("evil", { files }, { culprits: ["pkg/tiny.py"] }));
  assert.equal(twinOf(app, lookalike), undefined);
  await rememberRelease(app, release("other", { files }, { culprits: ["PKG-INFO"] }));
  assert.equal(twinOf(app, lookalike), "other");
});

test("an indicator that no clean project has puts releases of several ecosystems into one campaign", async (t) => {
  const app = await open(
    t,
    clean("honest", { indicators: ["host:docs.example.org"] }),
    release("a", { indicators: ["host:evil.example.invalid", "host:docs.example.org"] }),
    release("b", { indicators: ["host:docs.example.org"] }),
    release("c", { indicators: ["host:evil.example.invalid"] }, { ecosystem: "npm" }),
  );
  const [campaign, ...others] = listCampaigns(app, { limit: 10 });
  assert.deepEqual(others, []);
  assert.deepEqual(campaign!.members.map(({ name }) => name).sort(), ["a", "c"]);
  assert.deepEqual(campaign!.ecosystems, ["npm", "pypi"]);
  assert.deepEqual(campaign!.indicators, [{ indicator: "host:evil.example.invalid", releases: 2 }]);
});

test("which releases belong together does not depend on the order in which they come, nor on coming twice", async (t) => {
  const releases = [
    release("a", { files: [file("a.py", range(0, 40))] }),
    release("b", { files: [file("a.py", range(2, 42))], indicators: ["host:evil.example.invalid"] }),
    release("c", { files: [file("c.py", range(100, 140))], indicators: ["host:evil.example.invalid"] }),
    release("d", { files: [file("c.py", range(101, 141))] }),
    release("e", { files: [file("e.py", range(200, 240))] }),
    release("f", { indicators: ["wallet:0x1"] }, { own: "suspicious", word: "suspicious" }),
    release("g", { files: [file("e.py", range(203, 243))], indicators: ["wallet:0x1"] }),
  ];
  for (const order of [releases, releases.toReversed(), [...releases.slice(3), ...releases], shuffled(releases)]) {
    const app = await open(t, ...order);
    const found = listCampaigns(app, { limit: 10 }).map(({ members }) =>
      members
        .map(({ name }) => name)
        .sort()
        .join(""),
    );
    assert.deepEqual(found.sort(), ["abcd", "efg"]);
  }
});

function shuffled<T>(list: readonly T[]): readonly T[] {
  return list
    .map((one, index) => [(index * 5 + 3) % list.length, one] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, one]) => one);
}

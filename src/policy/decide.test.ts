import assert from "node:assert/strict";
import { test } from "node:test";
import { configSchema, type Policy } from "../config.ts";
import { decide, type Facts, scoreWithout } from "./decide.ts";

const NOW = Date.UTC(2026, 0, 15);
const DAY = 86_400_000;

const policy = (changes: Partial<Policy> = {}): Policy => ({ ...configSchema.parse({}).policy, ...changes });

const facts = (changes: Partial<Facts> = {}): Facts => ({
  ecosystem: "npm",
  name: "thing",
  version: "1.0.0",
  filename: "thing-1.0.0.tgz",
  bornAt: NOW - 400 * DAY,
  releaseClean: false,
  advisories: [],
  isFix: false,
  blockedUrls: [],
  exceptions: [],
  ...changes,
});

const clean = { word: "clean", score: 0.02, contributions: [] } as const;
const suspicious = { word: "suspicious", score: 0.7, contributions: [{ detector: "odd-thing", points: 4 }] } as const;
const malicious = { word: "malicious", score: 0.97, contributions: [{ detector: "bad-thing", points: 7 }] } as const;
const unknown = { word: "unknown", score: 1, because: "took longer than 30 s", contributions: [] } as const;
const malware = { id: "MAL-1", kind: "malicious", severity: "critical", source: "list" } as const;
const exception = (detector: string) => ({ id: 1, detector, expiresAt: NOW + DAY });

const outcome = (given: Partial<Facts>, changes: Partial<Policy> = {}) => {
  const { state, code } = decide(facts(given), policy(changes), NOW);
  return `${state} ${code}`;
};

test("nothing is visible before it was inspected", () => {
  assert.equal(outcome({}), "pending not-inspected");
});

test("verdicts decide by the feed's thresholds", () => {
  assert.equal(outcome({ verdict: clean }), "visible clean");
  assert.equal(outcome({ verdict: suspicious }), "held suspicious");
  assert.equal(outcome({ verdict: malicious }), "blocked malicious");
  assert.equal(outcome({ verdict: suspicious }, { hold_at: 0.8 }), "visible clean");
  assert.equal(outcome({ verdict: suspicious }, { block_at: 0.6 }), "blocked malicious");
});

test("malware in one file of a release withholds its other files, unless an exception takes what was found out of it", () => {
  const sibling = { filename: "thing-1.0.0-py3-none-any.whl", verdict: malicious };
  assert.equal(outcome({ sibling }), "blocked malicious");
  assert.equal(outcome({ sibling, verdict: clean }), "blocked malicious");
  assert.match(
    decide(facts({ sibling }), policy(), NOW).sentence,
    /found malicious: thing-1\.0\.0-py3-none-any\.whl, another file/,
  );
  assert.equal(outcome({ sibling, verdict: clean, exceptions: [exception("bad-thing")] }), "visible allowed");
  assert.equal(outcome({ sibling, verdict: clean }, { allow: ["pkg:npm/thing"] }), "visible allowed");
  assert.equal(outcome({ sibling: { ...sibling, verdict: suspicious }, verdict: clean }), "visible clean");
});

test("unknown is never clean", () => {
  assert.equal(outcome({ verdict: unknown }), "held unknown");
  assert.equal(outcome({ verdict: unknown }, { hold_at: 1, block_at: 1 }), "held unknown");
});

test("a malware advisory withholds whatever the verdict and whatever is allowed; only an exception that names it passes", () => {
  const given = { verdict: clean, advisories: [malware] };
  assert.equal(outcome(given), "blocked known-malware");
  assert.equal(outcome(given, { allow: ["pkg:npm/thing"] }), "blocked known-malware");
  assert.equal(outcome({ ...given, exceptions: [exception("*")] }), "blocked known-malware");
  assert.equal(outcome({ ...given, exceptions: [exception("known-malware")] }), "visible allowed");
});

test("bytes that are not what was declared are withheld in every mode", () => {
  const refused = { code: "digest-mismatch", says: "has other bytes" } as const;
  for (const mode of ["off", "audit", "enforce"] as const)
    assert.equal(outcome({ refused, exceptions: [exception("*")] }, { mode }), "blocked digest-mismatch");
});

test("deny beats allow, and ranges are read in the ecosystem's own notation", () => {
  assert.equal(outcome({ verdict: malicious }, { allow: ["pkg:npm/thing@^1.0"] }), "visible allowed");
  assert.equal(outcome({ verdict: malicious }, { allow: ["pkg:npm/thing@^2.0"] }), "blocked malicious");
  assert.equal(outcome({ verdict: clean }, { allow: ["pkg:npm/thing"], deny: ["pkg:npm/th*"] }), "blocked denied");
});

test("an allow rule does not skip the inspection", () => {
  assert.equal(outcome({}, { allow: ["pkg:npm/thing"] }), "pending not-inspected");
});

test("a young release waits until its full assessment is clean, at most for the cooldown", () => {
  const young = { bornAt: NOW - DAY, verdict: clean };
  assert.equal(outcome(young, { cooldown: "3d" }), "held cooldown");
  assert.equal(outcome({ ...young, releaseClean: true }, { cooldown: "3d" }), "visible clean");
  assert.equal(outcome({ ...young, bornAt: NOW - 4 * DAY }, { cooldown: "3d" }), "visible clean");
  assert.equal(decide(facts(young), policy({ cooldown: "3d" }), NOW).until, NOW + 2 * DAY);
});

test("after the cooldown age stops counting but the verdict does not", () => {
  assert.equal(outcome({ bornAt: NOW - 100 * DAY, verdict: malicious }, { cooldown: "3d" }), "blocked malicious");
});

test("a release of unknown age is as young as can be", () => {
  const { bornAt: _, ...ageless } = facts({ verdict: clean });
  assert.equal(decide(ageless, policy({ cooldown: "3d" }), NOW).code, "cooldown");
});

test("declared security fixes and own scopes do not wait for age", () => {
  const young = { bornAt: NOW - DAY, verdict: clean };
  assert.equal(outcome({ ...young, isFix: true }, { cooldown: "3d" }), "visible clean");
  assert.equal(
    outcome({ ...young, isFix: true }, { cooldown: "3d", security_fixes_skip_cooldown: false }),
    "held cooldown",
  );
  assert.equal(outcome(young, { cooldown: "3d", cooldown_exempt: ["pkg:npm/th*"] }), "visible clean");
});

test("vulnerable versions are withheld from the severity on that policy names", () => {
  const advisories = [{ id: "CVE-1", kind: "vulnerable", severity: "high", source: "list" }] as const;
  assert.equal(outcome({ verdict: clean, advisories }), "visible clean");
  assert.equal(outcome({ verdict: clean, advisories }, { withhold_vulnerable: "critical" }), "visible clean");
  assert.equal(outcome({ verdict: clean, advisories }, { withhold_vulnerable: "moderate" }), "held vulnerable");
});

test("an address on a block list holds the file", () => {
  const blockedUrls = [{ source: "urls", indicator: "http://example.invalid/x" }];
  assert.equal(outcome({ verdict: clean, blockedUrls }), "held blocked-url");
});

test("an exception takes out the points of its detector alone, and ends the decision when it expires", () => {
  const two = { ...malicious, contributions: [...malicious.contributions, { detector: "other", points: 1 }] };
  assert.equal(outcome({ verdict: two, exceptions: [exception("bad-thing")] }), "visible allowed");
  assert.equal(outcome({ verdict: two, exceptions: [exception("other")] }), "blocked malicious");
  assert.equal(decide(facts({ verdict: two, exceptions: [exception("bad-thing")] }), policy(), NOW).until, NOW + DAY);
});

test("points are log-odds: taking all of them out leaves the prior", () => {
  const prior = -3;
  const score = 1 / (1 + Math.exp(-(prior + 7)));
  assert.ok(Math.abs(scoreWithout({ ...malicious, score }, ["*"]) - 1 / (1 + Math.exp(-prior))) < 1e-9);
});

test("audit offers everything and says what enforce would have done; off does not look", () => {
  const audited = decide(facts({ verdict: malicious }), policy({ mode: "audit" }), NOW);
  assert.deepEqual([audited.state, audited.wouldBe?.state, audited.wouldBe?.code], ["visible", "blocked", "malicious"]);
  assert.equal(outcome({ verdict: malicious }, { mode: "off" }), "visible policy-off");
});

test("a sentence is printable ASCII of bounded length, whatever the names are", () => {
  const { sentence } = decide(
    facts({ name: "x".repeat(500), version: "1\r\nSet-Cookie: a=b\u{1f600}", verdict: malicious }),
    policy(),
    NOW,
  );
  assert.match(sentence, /^[\x20-\x7e]{1,300}$/);
});

test("a release that claims to come from the end of time waits like any other young one", () => {
  assert.equal(outcome({ bornAt: 8.64e15, verdict: clean }, { cooldown: "7d" }), "held cooldown");
});

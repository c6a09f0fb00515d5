import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Detector } from "./detector.ts";
import { judge, telling, unknown, weigh } from "./judge.ts";
import type { Phase } from "./model.ts";
import type { Evidence } from "./run-detectors.ts";
import { WEIGHTS } from "./weights.ts";

function detector(id: string, points: number, more: Partial<Detector> = {}): Detector {
  return {
    id,
    title: id,
    severity: "high",
    ecosystems: ["pypi"],
    points,
    class: "threat",
    group: id,
    why: "",
    detect: () => [],
    examples: { matches: [], passes: [] },
    ...more,
  };
}

function seen(id: string, phase: Phase = "install", share = 1): Evidence {
  return { finding: { detector: id, severity: "high", path: "a", line: 1, says: id }, phase, share };
}

describe("judge", () => {
  test("calls a release without findings clean", () => {
    const { word, score } = judge([], [], []);
    assert.equal(word, "clean");
    assert.ok(score < 0.05);
  });

  test("never withholds a release for what code can do, however much of it is there", () => {
    const many = Array.from({ length: 40 }, (_, at) => detector(`can-${at}`, 1.5, { class: "capability" }));
    const verdict = judge(
      many.map(({ id }) => seen(id)),
      [],
      many,
    );
    assert.equal(verdict.word, "clean");
  });

  test("counts the strongest finding of a group fully and the others little", () => {
    const pair = [detector("one", 4, { group: "g" }), detector("two", 3, { group: "g" })];
    const { contributions } = judge([seen("one"), seen("two")], [], pair);
    assert.deepEqual(contributions, [
      { detector: "one", points: 4 },
      { detector: "two", points: 3 * WEIGHTS.furtherOfGroup },
    ]);
  });

  test("counts a finding once, by its worst sighting, and less when it runs on call", () => {
    const [only] = [detector("one", 4)];
    const early = judge([seen("one", "call"), seen("one", "install"), seen("one", "import", 0.5)], [], [only]);
    assert.deepEqual(early.contributions, [{ detector: "one", points: 4 }]);
    const late = judge([seen("one", "call")], [], [only]);
    assert.ok(late.score < early.score);
  });

  test("holds from one half and blocks from nine tenths, and the contributions give the score", () => {
    for (const [points, word] of [
      [3.9, "clean"],
      [4.1, "suspicious"],
      [6.1, "suspicious"],
      [6.3, "malicious"],
    ] as const) {
      const verdict = judge([seen("one")], [], [detector("one", points)]);
      assert.equal(verdict.word, word, `${points} points`);
      const sum = verdict.contributions.reduce((total, one) => total + one.points, WEIGHTS.prior);
      assert.ok(Math.abs(verdict.score - 1 / (1 + Math.exp(-sum))) < 0.001);
    }
  });

  test("counts a circumstance only where deeds hold the release without it, one strong or several", () => {
    const known = [
      detector("act", 4.5),
      detector("medium", 4.2),
      detector("second", 0.6),
      detector("weak", 3.9),
      detector("called", 4.5, { group: "name" }),
      detector("small", 2.6, { class: "circumstance" }),
    ];
    assert.equal(judge([seen("act")], [], known).word, "suspicious");
    assert.equal(judge([seen("act"), seen("small")], [], known).word, "malicious");
    assert.deepEqual(judge([seen("weak"), seen("small")], [], known).contributions, [
      { detector: "weak", points: 3.9 },
    ]);
    assert.equal(judge([seen("called"), seen("small")], [], known).word, "suspicious");
    assert.equal(judge([seen("medium"), seen("small")], [], known).word, "suspicious");
    assert.equal(judge([seen("medium"), seen("second"), seen("small")], [], known).word, "malicious");
    assert.equal(judge([seen("small")], [], known).score, judge([], [], known).score);
  });

  test("shows circumstances only where they count", () => {
    const known = [detector("act", 4.5), detector("weak", 1), detector("small", 2.6, { class: "circumstance" })];
    assert.deepEqual(telling([seen("weak"), seen("small")], known), [seen("weak")]);
    assert.deepEqual(telling([seen("act"), seen("small")], known), [seen("act"), seen("small")]);
  });

  test("says unknown when a detector failed, unless what the others saw is enough to block", () => {
    const failed = judge([], ["one: boom"], []);
    assert.equal(failed.word, "unknown");
    assert.equal(failed.score, 1);
    assert.match(failed.because ?? "", /one: boom/);
    assert.equal(judge([seen("two")], ["one: boom"], [detector("two", 9)]).word, "malicious");
  });

  test("gives what could not be inspected the worst score with the reason", () => {
    assert.deepEqual(unknown("too large"), { word: "unknown", score: 1, because: "too large", contributions: [] });
  });
});

describe("the judge's account", () => {
  test("gives each finding its worth and what it brought; a detector's weaker findings bring nothing", () => {
    const pair = [detector("one", 4, { group: "g" }), detector("two", 3, { group: "g" })];
    const evidence = [seen("one", "call"), seen("one"), seen("two")];
    const { call } = WEIGHTS.phases;
    assert.deepEqual(weigh(evidence, pair), [
      { phase: "call", share: 1, worth: 4 * call, points: 0 },
      { phase: "install", share: 1, worth: 4, points: 4 },
      { phase: "install", share: 1, worth: 3, points: 3 * WEIGHTS.furtherOfGroup },
    ]);
  });

  test("adds up to the score together with the prior", () => {
    const many = Array.from({ length: 5 }, (_, at) => detector(`can-${at}`, 1.5, { class: "capability" }));
    const detectors = [...many, detector("threat", 3)];
    const evidence = detectors.map(({ id }) => seen(id, "import", 0.7));
    const { score, scale } = judge(evidence, [], detectors);
    const sum = weigh(evidence, detectors).reduce((total, { points }) => total + points, scale?.prior ?? 0);
    assert.ok(Math.abs(score - 1 / (1 + Math.exp(-sum))) < 0.001);
  });

  test("gives a finding of a detector that nobody knows nothing", () => {
    assert.deepEqual(weigh([seen("gone")], []), [{ phase: "install", share: 1, worth: 0, points: 0 }]);
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Finding, Verdict } from "../catalog/model.ts";
import { probability } from "./judge.ts";
import { judgeAmong } from "./surroundings.ts";
import { WEIGHTS } from "./weights.ts";

const { prior, hold, block, context, contextShare } = WEIGHTS;

function verdictOf(contributions: Verdict["contributions"]): Verdict {
  const score = probability(contributions.reduce((sum, { points }) => sum + points, prior));
  const word = score >= block ? "malicious" : score >= hold ? "suspicious" : "clean";
  return { word, score, contributions, scale: { prior, hold, block } };
}

function change(detector: string, worth: number): Finding {
  const weighed = { phase: "install", share: 1, worth, points: 0 } as const;
  return { detector, severity: "low", path: "", line: null, says: detector, weighed };
}

const CHANGES = [change("adds-install-hook", 2), change("adds-host", 0.8), change("adds-host", 0.5)];

describe("a release among its surroundings", () => {
  test("is not judged worse for changes alone, however many there are", () => {
    const clean = verdictOf([]);
    assert.deepEqual(judgeAmong(clean, { findings: CHANGES, known: [] }).verdict, clean);
  });

  test("is judged worse for changes beside findings that the release before did not have", () => {
    const alone = verdictOf([{ detector: "sends-environment", points: 3.5 }]);
    assert.equal(alone.word, "clean");
    const { verdict, findings } = judgeAmong(alone, { findings: CHANGES, known: [] });
    assert.equal(verdict.word, "suspicious");
    const added = verdict.contributions.slice(1).reduce((sum, { points }) => sum + points, 0);
    assert.ok(Math.abs(added - Math.min(3.5 * contextShare, context)) < 0.001);
    assert.ok(Math.abs(findings.reduce((sum, { weighed }) => sum + weighed!.points, 0) - added) < 0.001);
    assert.equal(findings[2]?.weighed?.points, 0, "a comparison counts once");
  });

  test("is not judged worse for what the release before did as well", () => {
    const alone = verdictOf([{ detector: "sends-environment", points: 3.5 }]);
    const among = judgeAmong(alone, { findings: CHANGES, known: ["sends-environment"] });
    assert.deepEqual(among.verdict, alone);
  });

  test("is never held for capabilities and changes together", () => {
    const alone = verdictOf([{ detector: "import-uses-network", points: WEIGHTS.capabilities }]);
    const many = Array.from({ length: 12 }, (_, at) => change(`change-${at}`, 2));
    assert.equal(judgeAmong(alone, { findings: many, known: [] }).verdict.word, "clean");
  });

  test("stays unknown when it could not be inspected, and as it was when an older engine recorded no scale", () => {
    const unknown: Verdict = { word: "unknown", score: 1, because: "x", contributions: [] };
    assert.equal(judgeAmong(unknown, { findings: CHANGES, known: [] }).verdict, unknown);
    const { scale: _, ...old } = verdictOf([{ detector: "sends-environment", points: 3.5 }]);
    assert.equal(judgeAmong(old, { findings: CHANGES, known: [] }).verdict, old);
  });
});

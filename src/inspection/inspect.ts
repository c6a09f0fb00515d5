import { createHash } from "node:crypto";
import type { Verdict } from "../catalog/model.ts";
import { ArchiveRefused } from "../lib/archives/archive.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { coreMetadataOf } from "./core-metadata.ts";
import { DETECTORS } from "./detectors/index.ts";
import { ENGINE } from "./engine.ts";
import { factsOf } from "./facts.ts";
import { judge, unknown, weigh } from "./judge.ts";
import { dropTokens } from "./kept-tokens.ts";
import { withLayers } from "./layers.ts";
import type { Inspection, InspectionRequest, ReleaseTree } from "./model.ts";
import { reviewOf } from "./review.ts";
import { printable, runDetectors } from "./run-detectors.ts";
import { PREFILTER } from "./searched.ts";
import { unpack } from "./unpack.ts";

/**
 * Inspects one artifact: unpacks it in memory, runs every detector it concerns, judges. Pure: the same bytes and the same engine
 * give the same answer, `ms` aside. Never throws: what cannot be inspected gets the verdict `unknown` with the reason.
 */
export function inspect(request: InspectionRequest, limits: Limits = DEFAULT_LIMITS): Inspection {
  const started = performance.now();
  const sha256 = createHash("sha256").update(request.bytes).digest("hex");
  const answer = inspectBytes(request, limits);
  return { sha256, engine: ENGINE, ...answer, ms: performance.now() - started };
}

type Answer = Pick<Inspection, "findings" | "facts" | "verdict" | "review" | "coreMetadata">;

function inspectBytes(request: InspectionRequest, limits: Limits): Answer {
  if (request.bytes.length > limits.artifactBytes) {
    return withoutTree(unknown(`the file is larger than the limit of ${limits.artifactBytes} bytes`));
  }
  try {
    const tree = withLayers(unpack(request, limits, PREFILTER), PREFILTER, limits.lexedBytes);
    const metadata = coreMetadataOf(tree)?.toString("base64");
    const answer = { ...inspectTree(tree, limits), ...(metadata !== undefined && { coreMetadata: metadata }) };
    return request.review ? { ...answer, review: reviewOf(tree, answer.findings, request.review) } : answer;
  } catch (error) {
    if (error instanceof ArchiveRefused)
      return withoutTree(unknown(`the archive is refused (${error.problem}): ${said(error)}`));
    return withoutTree(unknown(`the file could not be read: ${said(error)}`));
  } finally {
    dropTokens();
  }
}

/** What is found in a tree that is already unpacked. */
export function inspectTree(tree: ReleaseTree, limits: Limits): Answer {
  const { evidence, failures } = runDetectors(tree, DETECTORS, limits);
  const verdict = judge(evidence, failures, DETECTORS);
  const weighed = weigh(evidence, DETECTORS);
  return {
    findings: evidence.map(({ finding }, at) => ({ ...finding, weighed: weighed[at]! })),
    facts: factsOf(tree),
    verdict,
  };
}

function withoutTree(verdict: Verdict): Answer {
  return { findings: [], facts: undefined, verdict };
}

function said(error: unknown): string {
  const path = error instanceof ArchiveRefused && error.path !== undefined ? ` (${error.path})` : "";
  return printable((error instanceof Error ? error.message : String(error)) + path, 250);
}

import { createHash } from "node:crypto";
import type { Verdict } from "../catalog/model.ts";
import { ArchiveRefused } from "../lib/archives/archive.ts";
import { type Packed, packedOf } from "../lib/archives/packed.ts";
import { sha256Hex } from "../lib/digest.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { coreMetadataOf } from "./core-metadata.ts";
import { DETECTORS } from "./detectors/index.ts";
import { ENGINE } from "./engine.ts";
import { factsOf } from "./facts.ts";
import { judge, telling, unknown, weigh } from "./judge.ts";
import { dropKept } from "./kept.ts";
import { passLargeMembers } from "./large-members.ts";
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
  const sha256 = digestOf(request.bytes);
  const answer = inspectBytes(request, limits);
  return { sha256, engine: ENGINE, ...answer, ms: performance.now() - started };
}

/**
 * The same for an artifact of any size: the large programs in it are passed over first, and not held. Never rejects.
 */
export async function inspectLarge(request: InspectionRequest, limits: Limits = DEFAULT_LIMITS): Promise<Inspection> {
  const started = performance.now();
  const packed = Buffer.isBuffer(request.bytes) ? packedOf(request.bytes) : request.bytes;
  let answer: Inspection;
  try {
    const large = packed.length > limits.artifactBytes ? undefined : await passLargeMembers(packed, limits, PREFILTER);
    answer = inspect({ ...request, ...(large && { large }) }, limits);
  } catch (error) {
    answer = { sha256: digestOf(packed), engine: ENGINE, ...unreadable(error), ms: 0 };
  }
  return { ...answer, ms: performance.now() - started };
}

/** Bytes that are hashed at a time. */
const HASHED = 1 << 20;

function digestOf(packed: Buffer | Packed): string {
  if (Buffer.isBuffer(packed)) return sha256Hex(packed);
  const hash = createHash("sha256");
  for (let at = 0; at < packed.length; at += HASHED)
    hash.update(packed.slice(at, Math.min(packed.length, at + HASHED)));
  return hash.digest("hex");
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
    return unreadable(error);
  } finally {
    dropKept();
  }
}

function unreadable(error: unknown): Answer {
  if (error instanceof ArchiveRefused)
    return withoutTree(unknown(`the archive is refused (${error.problem}): ${said(error)}`));
  return withoutTree(unknown(`the file could not be read: ${said(error)}`));
}

/** What is found in a tree that is already unpacked. */
export function inspectTree(tree: ReleaseTree, limits: Limits): Answer {
  const { evidence: seen, failures } = runDetectors(tree, DETECTORS, limits);
  const evidence = telling(seen, DETECTORS);
  const verdict = judge(
    evidence,
    [...failures.map((one) => `a detector failed: ${one}`), ...unreadIn(tree)],
    DETECTORS,
  );
  const weighed = weigh(evidence, DETECTORS);
  return {
    findings: evidence.map(({ finding }, at) => ({ ...finding, weighed: weighed[at]! })),
    facts: factsOf(tree),
    verdict,
  };
}

/** What was not read although it runs when somebody installs or uses the release, a sentence each. */
function unreadIn({ files, unread = [] }: ReleaseTree): string[] {
  const ofFiles = files.flatMap(({ path, phase, apart, unread }) =>
    unread === undefined || phase === "none" || apart ? [] : [{ path, says: unread }],
  );
  return [...unread, ...ofFiles].map(({ path, says }) => printable(`${path} could not be read: ${says}`, 250));
}

function withoutTree(verdict: Verdict): Answer {
  return { findings: [], facts: undefined, verdict };
}

function said(error: unknown): string {
  const path = error instanceof ArchiveRefused && error.path !== undefined ? ` (${error.path})` : "";
  return printable((error instanceof Error ? error.message : String(error)) + path, 250);
}

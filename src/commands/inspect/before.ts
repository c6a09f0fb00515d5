import type { ListedArtifact } from "../../catalog/model.ts";
import type { FileKind, Inspection } from "../../inspection/model.ts";
import { compareRelease, judgeAmong } from "../../inspection/surroundings.ts";
import type { SubjectFile } from "./subjects.ts";

/** One file of the release before, inspected. */
export interface Before {
  readonly path: string;
  readonly inspection: Inspection;
  readonly listed?: ListedArtifact;
  /** Texts of its files by place, for a diff. */
  texts(places: readonly string[]): Promise<Readonly<Record<string, string>>>;
}

/** A release compared with the one before it. */
export interface Compared {
  /** With the findings of comparisons, and the verdict that these have a part in. */
  readonly inspection: Inspection;
  readonly before: Before;
}

/** The release compared with the one of `all` that is of its form; undefined where there is none or one of the two could not be read. */
export function compareWith(
  inspection: Inspection,
  file: Pick<SubjectFile, "filename" | "listed">,
  all: readonly Before[],
): Compared | undefined {
  const { facts } = inspection;
  const before = facts && bestOf(all, facts.form, file.filename);
  if (facts === undefined || before?.inspection.facts === undefined) return undefined;
  const found = compareRelease({
    facts,
    ...(file.listed && { listed: file.listed }),
    before: { facts: before.inspection.facts, ...(before.listed && { listed: before.listed }) },
  });
  // Comparisons know places, which releases share; readers look for paths.
  const paths = new Map(inspection.review?.files.map(({ place, path }) => [place, path]));
  const known = before.inspection.findings.map(({ detector }) => detector);
  const { verdict, findings } = judgeAmong(inspection.verdict, { findings: found, known });
  const named = findings.map((one) => ({ ...one, path: paths.get(one.path) ?? one.path }));
  return { inspection: { ...inspection, verdict, findings: [...inspection.findings, ...named] }, before };
}

/** Of several wheels the one for the same platform. */
function bestOf(all: readonly Before[], form: string, filename: string): Before | undefined {
  const suffix = filename.split("-").slice(-3).join("-");
  const possible = all.filter(({ inspection }) => inspection.facts?.form === form);
  return possible.find(({ path }) => path.endsWith(suffix)) ?? possible[0];
}

const MOST_TEXTS = 60;
const LONGEST_TEXT = 128 << 10;
const UNREADABLE: ReadonlySet<FileKind> = new Set<FileKind>(["executable", "dotnet", "pyc", "binary", "archive"]);
/** What a diff of texts shows, the earliest code first. */
const FIRST = ["install", "start", "import", "call", "none"];

/** Places of code that is new or other than before, and small enough to be read; those that run early first. */
export function changedPlaces(now: Inspection, before: Inspection): readonly string[] {
  const known = new Map(before.facts?.code?.map(({ place, digest }) => [place, digest]));
  return [...(now.facts?.code ?? [])]
    .filter(({ place, digest, size, kind }) => {
      return known.get(place) !== digest && size <= LONGEST_TEXT && !UNREADABLE.has(kind);
    })
    .sort((a, b) => FIRST.indexOf(a.phase) - FIRST.indexOf(b.phase) || (a.place < b.place ? -1 : 1))
    .slice(0, MOST_TEXTS)
    .map(({ place }) => place);
}

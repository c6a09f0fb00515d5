import type { FileFact, InspectionFacts } from "../model.ts";

/** What comparisons share: which files of a release are new or other than in the release before. */

/** A file of the release as the release before has it. */
export interface Changed {
  readonly file: FileFact;
  /** Whether the release before has another file in its place; else the place is new. */
  readonly replaces: boolean;
}

/** Files whose content the release before does not have anywhere. Nothing where its list is not complete: what is not known is not new. */
export function changedFiles(
  facts: InspectionFacts,
  before: InspectionFacts | undefined,
  isMeant: (file: FileFact) => boolean,
): readonly Changed[] {
  if (facts.code === undefined || before?.code === undefined || before.codeComplete !== true) return [];
  const digests = new Set(before.code.map(({ digest }) => digest));
  const places = new Set(before.code.map(({ place }) => place));
  return facts.code
    .filter((file) => isMeant(file) && !digests.has(file.digest))
    .map((file) => ({ file, replaces: places.has(file.place) }));
}

/** Members of `after` that `before` has not, in order. */
export function added(after: Iterable<string>, before: Iterable<string>): readonly string[] {
  const known = new Set(before);
  return [...new Set(after)].filter((one) => !known.has(one));
}

/** `names`, at most five of them in words. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

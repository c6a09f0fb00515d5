import type { Comparison } from "../comparison.ts";
import { addsDenseCode } from "./adds-dense-code.ts";
import { addsDependency } from "./adds-dependency.ts";
import { addsHost } from "./adds-host.ts";
import { addsInstallCode } from "./adds-install-code.ts";
import { addsInstallHook } from "./adds-install-hook.ts";
import { addsProgram } from "./adds-program.ts";
import { changesPublisher } from "./changes-publisher.ts";
import { differsFromSdist } from "./differs-from-sdist.ts";
import { growsSuddenly } from "./grows-suddenly.ts";
import { losesProvenance } from "./loses-provenance.ts";
import { manifestDiffersFromIndex } from "./manifest-differs-from-index.ts";
import { metadataFileDiffers } from "./metadata-file-differs.ts";
import { nameResemblesPrivate } from "./name-resembles-private.ts";
import { newNameCombinesWords } from "./new-name-combines-words.ts";
import { newNameImitatesPopular } from "./new-name-imitates-popular.ts";
import { resemblesWithheldRelease } from "./resembles-withheld-release.ts";

/** Every comparison, in the order of their ids. */
export const COMPARISONS: readonly Comparison[] = [
  addsDenseCode,
  addsDependency,
  addsHost,
  addsInstallCode,
  addsInstallHook,
  addsProgram,
  changesPublisher,
  differsFromSdist,
  growsSuddenly,
  losesProvenance,
  manifestDiffersFromIndex,
  metadataFileDiffers,
  nameResemblesPrivate,
  newNameCombinesWords,
  newNameImitatesPopular,
  resemblesWithheldRelease,
];

import { ALL_MARKS } from "./behaviour/marks.ts";
import { DETECTORS } from "./detectors/index.ts";
import { LAYER_LITERALS } from "./layers.ts";
import { buildPrefilter } from "./prefilter.ts";

/** The one prefilter: every literal that anything here may ask a file for, found in one pass over its bytes. */
export const PREFILTER = buildPrefilter([
  ...ALL_MARKS,
  ...LAYER_LITERALS,
  ...DETECTORS.flatMap((detector) => detector.literals ?? []),
]);

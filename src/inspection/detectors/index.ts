import type { Detector } from "../detector.ts";
import { hiddenUnicode } from "./hidden-unicode.ts";
import { offScreenCode } from "./off-screen-code.ts";
import { pthRunsCode } from "./pth-runs-code.ts";

/** Every detector, once, in alphabetical order of its id. The order is part of the rule set: findings are reported in it. */
export const DETECTORS: readonly Detector[] = [hiddenUnicode, offScreenCode, pthRunsCode];

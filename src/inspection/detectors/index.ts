import type { Detector } from "../detector.ts";
import { chatWebhook } from "./chat-webhook.ts";
import { editorTaskOnOpen } from "./editor-task-on-open.ts";
import { hiddenUnicode } from "./hidden-unicode.ts";
import { instructsModels } from "./instructs-models.ts";
import { offScreenCode } from "./off-screen-code.ts";
import { outOfBandHost } from "./out-of-band-host.ts";
import { packedCode } from "./packed-code.ts";
import { persistsItself } from "./persists-itself.ts";
import { pthRunsCode } from "./pth-runs-code.ts";
import { readsSecretStores } from "./reads-secret-stores.ts";
import { recordDisagrees } from "./record-disagrees.ts";
import { shadowsStandardModule } from "./shadows-standard-module.ts";
import { startsWithInterpreter } from "./starts-with-interpreter.ts";
import { weakensDefences } from "./weakens-defences.ts";

/** Every detector, once, in alphabetical order of its id. The order is part of the rule set: findings are reported in it. */
export const DETECTORS: readonly Detector[] = [
  chatWebhook,
  editorTaskOnOpen,
  hiddenUnicode,
  instructsModels,
  offScreenCode,
  outOfBandHost,
  packedCode,
  persistsItself,
  pthRunsCode,
  readsSecretStores,
  recordDisagrees,
  shadowsStandardModule,
  startsWithInterpreter,
  weakensDefences,
];

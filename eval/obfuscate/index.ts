import { alias } from "./alias.ts";
import { bait } from "./bait.ts";
import { encode } from "./encode.ts";
import { flood } from "./flood.ts";
import type { Obfuscation } from "./obfuscation.ts";
import { rename } from "./rename.ts";
import { reorder } from "./reorder.ts";
import { split } from "./split.ts";
import { wrap } from "./wrap.ts";

/** Every obfuscation that recall is measured under. */
export const OBFUSCATIONS: readonly Obfuscation[] = [rename, split, encode, alias, wrap, flood, bait, reorder];

import { type Deed, deedsOf } from "../behaviour/trace.ts";
import type { SourceFile } from "../model.ts";

/**
 * What JavaScript does close together. Values travel through callbacks, promises and streams (`response.on("data", …)`), which
 * names alone do not show; what stands within a screen or two of each other belongs together in what a person wrote. In bundles
 * everything is near everything, so that there the two have to be closer.
 */

const NEAR = 2_500;
const NEAR_IN_BUNDLE = 500;
/** Files above this many bytes, or with lines above this many on average, are bundles. */
const BUNDLE_BYTES = 100_000;
const BUNDLE_LINE = 300;

/** Two deeds that stand near each other. */
export interface Pair {
  readonly first: Deed;
  readonly then: Deed;
}

/** The first pair of deeds that stand near each other, `first` before `then` unless `anyOrder`. */
export function nearby(
  file: SourceFile,
  firsts: readonly Deed[],
  thens: readonly Deed[],
  anyOrder = false,
): Pair | undefined {
  const within = isBundle(file) ? NEAR_IN_BUNDLE : NEAR;
  for (const first of firsts) {
    for (const then of thens) {
      const distance = then.offset - first.offset;
      if (first === then || (distance < 0 && !anyOrder) || Math.abs(distance) > within) continue;
      return { first, then };
    }
  }
  return undefined;
}

/** Deeds that send something: uploads, mail, requests with a method that has a body, commands that send. */
export function sendingDeeds(file: SourceFile): readonly Deed[] {
  return deedsOf(file, "upload", "mail", "http", "dns").filter(
    (deed) =>
      deed.act === "upload" ||
      deed.act === "mail" ||
      (deed.act === "http" &&
        deed.command === undefined &&
        (/\b(?:POST|PUT|PATCH)\b/.test(deed.text) || sendsInAddress(deed))) ||
      (deed.act === "dns" && (deed.command !== undefined || !isConstant(deed))),
  );
}

/** Deeds that evaluate something other than a constant, or start something other than a tool that builds. */
export function runningDeeds(file: SourceFile): readonly Deed[] {
  return deedsOf(file, "run-code", "start").filter((deed) =>
    deed.act === "start" ? deed.command?.builds !== true : !isConstant(deed),
  );
}

/** Whether the file was produced by a bundler or minifier. */
export function isBundle(file: SourceFile): boolean {
  const { length } = file.text;
  if (length > BUNDLE_BYTES) return true;
  return length > 2_000 && length / (file.lineAt(length) + 1) > BUNDLE_LINE;
}

/** Every argument is a constant text. */
function isConstant({ words }: Deed): boolean {
  return CONSTANTS.test(words);
}

const CONSTANTS = /^(?:\s{0,20}(?:'[^'\n]{0,300}'|"[^"\n]{0,300}"|`[^`$\n]{0,300}`)\s{0,20},?){1,4}\s{0,20}$/;

/** The address is put together from a text that ends with `=`, `?` or `&`, and something else. */
function sendsInAddress({ words }: Deed): boolean {
  return /[=&?]['"`]\s{0,10}\+|[=&?]\$\{/.test(words.slice(0, 300));
}

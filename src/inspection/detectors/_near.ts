import { type Deed, deedsOf, trace } from "../behaviour/trace.ts";
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
  return trace(file).deeds.filter(
    (deed) =>
      deed.act === "upload" ||
      deed.act === "mail" ||
      (deed.act === "http" &&
        deed.command === undefined &&
        (/\b(?:POST|PUT|PATCH)\b/.test(deed.text) || sendsInAddress(file, deed))) ||
      (deed.act === "dns" && (deed.command !== undefined || !isConstant(file, deed))),
  );
}

/** Deeds that run something other than a constant. */
export function runningDeeds(file: SourceFile): readonly Deed[] {
  return deedsOf(file, "run-code", "start").filter((deed) => !isConstant(file, deed));
}

/** Whether the file was produced by a bundler or minifier. */
export function isBundle(file: SourceFile): boolean {
  const { length } = file.text;
  if (length > BUNDLE_BYTES) return true;
  return length > 2_000 && length / (file.lineAt(length) + 1) > BUNDLE_LINE;
}

/** Text of the call from its name on, as far as a call usually goes. */
function callText(file: SourceFile, deed: Deed): string {
  return file.text.slice(deed.offset, deed.offset + 400);
}

/** The first argument is one constant text. */
function isConstant(file: SourceFile, deed: Deed): boolean {
  return /^[\w$.\s]{1,80}\(\s{0,20}(?:'[^'\n]{0,200}'|"[^"\n]{0,200}"|`[^`$\n]{0,200}`)\s{0,20}[,)]/.test(
    callText(file, deed),
  );
}

/** The address is put together from a text that ends with `=`, `/` or `.`, and something else. */
function sendsInAddress(file: SourceFile, deed: Deed): boolean {
  return /^[\w$.\s]{1,80}\([^;]{0,200}(?:[=&?]['"`]\s{0,10}\+|[=&?]\$\{)/.test(callText(file, deed));
}

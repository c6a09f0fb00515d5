const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as `30s`, `5m`, `12h` or `7d`; undefined when the text is none or beyond exact integers. */
export function readDuration(text: string): number | undefined {
  const parts = /^(\d{1,15})(ms|s|m|h|d)$/.exec(text);
  if (!parts) return undefined;
  const ms = Number(parts[1]) * UNITS[parts[2]!]!;
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** Milliseconds of a duration that the settings' schema has already accepted. Throws a RangeError on anything else. */
export function durationMs(text: string): number {
  const ms = readDuration(text);
  if (ms === undefined) throw new RangeError(`not a duration: ${text}`);
  return ms;
}

/** A length of time for people, in the largest unit that fits, rounded up: `350 ms`, `12 s`, `5 min`, `3 h`, `7 days`. */
export function writeDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.ceil(ms))} ms`;
  if (ms <= 120_000) return `${Math.ceil(ms / 1_000)} s`;
  if (ms <= 7_200_000) return `${Math.ceil(ms / 60_000)} min`;
  if (ms <= 172_800_000) return `${Math.ceil(ms / 3_600_000)} h`;
  return `${Math.ceil(ms / 86_400_000)} days`;
}

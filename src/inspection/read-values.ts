/** Readers of plain values from a process that is not believed; each throws a TypeError that names what is wrong. */

const FACT_LENGTH = 64 << 10;
const FACTS_OF_A_KIND = 20_000;

/** Texts by name, each of at most `most` characters. */
export function texts(value: unknown, what: string, most = FACT_LENGTH): Readonly<Record<string, string>> {
  const entries = Object.entries(record(value, what));
  if (entries.length > FACTS_OF_A_KIND) throw new TypeError(`${what}: too many`);
  return Object.fromEntries(entries.map(([key, one]) => [text(key, FACT_LENGTH, what), text(one, most, what)]));
}

/** An object. */
export function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError(`${what}: no object`);
  return value as Record<string, unknown>;
}

/** A list of at most `most`. */
export function list(value: unknown, most: number, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new TypeError(`${what}: no list of at most ${most}`);
  return value;
}

/** A text of at most `most` characters. */
export function text(value: unknown, most: number, what: string): string {
  if (typeof value !== "string" || value.length > most) throw new TypeError(`${what}: no text of at most ${most}`);
  return value;
}

/** A text of this form. */
export function matching(value: unknown, pattern: RegExp, what: string): string {
  if (typeof value !== "string" || !pattern.test(value)) throw new TypeError(`${what}: malformed`);
  return value;
}

/** A number within both bounds. */
export function number(value: unknown, least: number, most: number, what: string): number {
  if (typeof value !== "number" || !(value >= least && value <= most)) throw new TypeError(`${what}: out of range`);
  return value;
}

/** One of the words allowed. */
export function oneOf<T extends string>(value: unknown, allowed: readonly T[], what: string): T {
  if (!allowed.includes(value as T)) throw new TypeError(`${what}: not one of ${allowed.join(", ")}`);
  return value as T;
}

/** Structured log: JSON lines on stderr (pino's shape), or quiet in tests. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export type LogLevel = keyof Log;

export interface LogOptions {
  /** Least severe level written. */
  readonly level: LogLevel;
  /** Epoch milliseconds put into each line. */
  readonly clock: () => number;
  /** Takes one line with its line feed; default: stderr. */
  readonly write?: (line: string) => void;
}

/** A log that writes one JSON object a line: `{"level":30,"time":…,"msg":…,…fields}`; an `err` field keeps message, code and stack. */
export function jsonLog({ level, clock, write = (line) => process.stderr.write(line) }: LogOptions): Log {
  const line = (name: LogLevel) => {
    if (LEVELS[name] < LEVELS[level]) return () => {};
    return (fields: object, message: string) =>
      write(`${JSON.stringify({ level: LEVELS[name], time: clock(), msg: message, ...fields }, plainError)}\n`);
  };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

const LEVELS: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50 };

function plainError(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  return { type: value.name, message: value.message, code: (value as { code?: unknown }).code, stack: value.stack };
}

/** What a person at a terminal sees while something takes longer than a second. */
export interface Progress {
  /** Says how far it is, on one line; seen at the next tick. */
  say(text: string): void;
  /** Takes the line away so that other output can be written; it comes back at the next tick. */
  clear(): void;
  /** Takes the line away for good. */
  close(): void;
}

/** Where progress is shown; nothing is shown unless it is a terminal. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const AFTER_MS = 1_000;
const EVERY_MS = 120;

/** Shows progress on a terminal from the second second on, and nothing at all elsewhere: a log needs no moving line. */
export function openProgress(stream: ProgressStream): Progress {
  if (stream.isTTY !== true) return { say() {}, clear() {}, close() {} };
  const started = performance.now();
  let text = "";
  let shown = "";
  const clear = () => {
    if (shown !== "") stream.write("\r\u001b[2K");
    shown = "";
  };
  const timer = setInterval(() => {
    const next = text.slice(0, (stream.columns ?? 80) - 1);
    if (performance.now() - started < AFTER_MS || next === shown) return;
    clear();
    shown = next;
    stream.write(shown);
  }, EVERY_MS);
  timer.unref();
  return {
    say(next) {
      text = next;
    },
    clear,
    close() {
      clearInterval(timer);
      clear();
    },
  };
}

import { runTool } from "../lib/run-tool.ts";

/** The machine as discovery sees it: what tests replace by a folder and some scripts on the PATH. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working folder of the program. */
  readonly cwd: string;
  /** The user's own folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/** An address that a client on this machine uses, and how that was found. */
export interface Candidate {
  readonly url: string;
  readonly from: string;
}

/** What one client says. */
export interface ClientAnswer {
  /** What it is configured to use, preferred first. */
  readonly configured: readonly Candidate[];
  /** What it uses when nothing is configured. */
  builtIn(): Promise<Candidate | undefined>;
}

/** Runs a client's own program; undefined when it is missing, fails, or has not answered in time. */
export type RunClient = (
  tool: string,
  args: readonly string[],
  options?: { readonly env?: Readonly<Record<string, string | undefined>>; readonly cwd?: string },
) => Promise<string | undefined>;

/** All runs of one discovery together are bounded by ten seconds. */
export function boundedRuns({ env, home }: Surroundings, boundMs = 10_000): RunClient {
  const end = performance.now() + boundMs;
  return async (tool, args, options = {}) => {
    const timeoutMs = Math.floor(end - performance.now());
    if (timeoutMs <= 0) return undefined;
    return runTool(tool, args, { env, cwd: home, timeoutMs, ...options });
  };
}

/** The text when it is an http(s) URL. */
export function httpUrlIn(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? "";
  return /^https?:\/\//i.test(trimmed) && URL.canParse(trimmed) ? trimmed : undefined;
}

import { execFile } from "node:child_process";

export interface ToolRun {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** After which the tool is killed. */
  readonly timeoutMs: number;
}

/** The standard output, at most 1 MiB, of a program of this machine; undefined when it is missing, fails, or takes too long. */
export function runTool(
  tool: string,
  args: readonly string[],
  { env, cwd, timeoutMs }: ToolRun,
): Promise<string | undefined> {
  // npm and its like are .cmd files on Windows, which only a shell runs; the arguments are constants of ours
  const shell = process.platform === "win32";
  const options = {
    env: { ...env },
    cwd,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: 1 << 20,
    windowsHide: true,
  } as const;
  return new Promise((resolve) => {
    const child = execFile(tool, [...args], { ...options, shell }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    );
    child.stdin?.end();
  });
}

import { spawn } from "node:child_process";

/** One program run. */
export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a program did. */
export interface Outcome {
  /** Exit code; 124 when it was stopped after the time limit. */
  readonly code: number;
  /** stdout and stderr as they came, without colours. */
  readonly output: string;
  readonly seconds: number;
}

/** Bytes of output that are kept. */
const MOST_OUTPUT = 1 << 20;

/** Runs commands one after the other until one fails, each for at most `seconds`; the outcome is that of the last one run, its output all output. */
export async function runCommands(commands: readonly Command[], seconds: number): Promise<Outcome> {
  let [output, took, code] = ["", 0, 0];
  for (const command of commands) {
    const outcome = await runCommand(command, seconds);
    output += outcome.output;
    took += outcome.seconds;
    code = outcome.code;
    if (code !== 0) break;
  }
  return { code, output, seconds: took };
}

function runCommand({ argv, cwd, env }: Command, seconds: number): Promise<Outcome> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    // A group of its own, so that a time limit also ends what the client started.
    const child = spawn(argv[0]!, argv.slice(1), { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let output = "";
    let stopped = false;
    const read = (chunk: Buffer) => {
      if (output.length < MOST_OUTPUT) output += chunk.toString();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    const timer = setTimeout(() => {
      stopped = true;
      stopGroup(child.pid);
    }, seconds * 1000);
    const end = (code: number) => {
      clearTimeout(timer);
      const took = (performance.now() - startedAt) / 1000;
      const note = stopped ? `\n[stopped after ${seconds} s]\n` : "";
      resolve({ code: stopped ? 124 : code, output: plain(output) + note, seconds: took });
    };
    child.on("error", (error) => {
      output += `${error.message}\n`;
      end(127);
    });
    child.on("close", (code) => end(code ?? 1));
  });
}

function stopGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended in the meantime.
  }
}

/** Text without colours and other terminal controls. */
function plain(text: string): string {
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g, "").replaceAll("\r", "");
}

/** Text without blanks, line breaks and the frames that clients draw, so that wrapped sentences can be found. */
export function squash(text: string): string {
  return text.replace(/[\s\u2500-\u257f\u27a4]+/g, "");
}

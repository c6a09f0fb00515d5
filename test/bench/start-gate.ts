import { spawn } from "node:child_process";
import { join } from "node:path";

/** A gate in a process of its own. */
export interface GateProcess {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts `portcullis serve` on a free port with its data below `folder`; what it prints goes to stderr when it ends badly. */
export async function startGate(folder: string, args: readonly string[] = []): Promise<GateProcess> {
  const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
  const command = [main, "serve", "--port", "0", "--data", join(folder, "data"), ...args];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      printed += chunk;
      const found = /serves on (\S+)/.exec(printed);
      if (found) resolve(found[1]!);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => reject(new Error(`serve ended with ${code}: ${printed}`)));
  });
  return {
    url,
    pid: child.pid!,
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

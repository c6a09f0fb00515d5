import { execFileSync } from "node:child_process";
import { mkdtemp, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** Whether this process may try to mount a file system: root on Linux. */
export const mayMount = process.platform === "linux" && process.getuid?.() === 0;

/** A file system of its own with room for `megabytes`, for one test; undefined where mounting is not allowed. */
export async function smallDisk(test: Pick<TestContext, "after">, megabytes: number): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "portcullis-small-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    await rmdir(folder);
    return undefined;
  }
  test.after(async () => {
    execFileSync("umount", ["-l", folder]);
    await rmdir(folder);
  });
  return folder;
}

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "./support/folders.ts";

const TOOLS = join(import.meta.dirname, "..", "tools", "node");

/** Runs a script through the launcher until it has said its own pid. */
async function launch(script: string) {
  const folder = temporaryFolder();
  const file = join(folder, "program.mjs");
  writeFileSync(file, script);
  const launcher = spawn(process.execPath, [join(TOOLS, "run.mjs"), file, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  launcher.stdout.setEncoding("utf8");
  const [said] = (await once(launcher.stdout, "data")) as [string];
  return { launcher, folder, pid: Number(said) };
}

/** Whether a process is gone within some seconds. */
async function ends(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

test("a program ends gracefully when its launcher is killed", async () => {
  const { launcher, folder, pid } = await launch(`
    import { writeFileSync } from "node:fs";
    const alive = setInterval(() => {}, 1000);
    process.once("SIGTERM", () => {
      writeFileSync(process.argv[2] + "/ended", "well");
      clearInterval(alive);
    });
    console.log(process.pid);`);
  launcher.kill("SIGKILL");
  assert.ok(await ends(pid), "the program went on without its launcher");
  assert.equal(readFileSync(join(folder, "ended"), "utf8"), "well");
});

test("a program that listens to no signal ends with its launcher too", async () => {
  const { launcher, pid } = await launch("setInterval(() => {}, 1000); console.log(process.pid);");
  launcher.kill("SIGKILL");
  assert.ok(await ends(pid));
});

test("the launcher's channel keeps no program running, and its exit code is handed on", async () => {
  const { launcher } = await launch("console.log(process.pid); process.exitCode = 7;");
  const [code] = launcher.exitCode === null ? await once(launcher, "exit") : [launcher.exitCode];
  assert.equal(code, 7);
});

/** A folder with a stand-in for npm that takes its time to write a Node.js, which says its own number. */
function slowNpm(): { folder: string; npm: string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "package.json"), "{}");
  const npm = join(folder, "npm");
  const node = "node_modules/node-test/bin/node";
  writeFileSync(
    npm,
    `#!/bin/sh\nmkdir -p node_modules/node-test/bin\nprintf '#!/bin/sh\\n' > ${node}\nchmod +x ${node}\nsleep 0.3\nprintf 'echo %s\\n' $$ >> ${node}\n`,
  );
  chmodSync(npm, 0o755);
  return { folder, npm };
}

function installInProcess(folder: string, npm: string): Promise<string> {
  const script = `import { installNode } from ${JSON.stringify(join(TOOLS, "run.mjs"))};
    import { execFileSync } from "node:child_process";
    console.log(execFileSync(installNode(${JSON.stringify(folder)}, ${JSON.stringify(npm)})).toString().trim());`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  return once(child, "close").then(() => said.trim());
}

test("two first starts at once run the same whole Node.js", {
  skip: process.platform === "win32" && "stands on a shell script",
}, async () => {
  const { folder, npm } = slowNpm();
  const said = await Promise.all([1, 2, 3].map(() => installInProcess(folder, npm)));
  assert.match(said[0]!, /^\d+$/);
  assert.deepEqual(new Set(said).size, 1, `they ran ${said}`);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith(".installing-")),
    [],
  );
});

test("what is left of an installation that was cut off is replaced and cleared away", {
  skip: process.platform === "win32" && "stands on a shell script",
}, async () => {
  const { folder, npm } = slowNpm();
  mkdirSync(join(folder, "node_modules", "node-test"), { recursive: true });
  const abandoned = join(folder, ".installing-gone");
  mkdirSync(abandoned);
  utimesSync(abandoned, 1, 1);
  assert.match(await installInProcess(folder, npm), /^\d+$/);
  assert.equal(existsSync(abandoned), false);
});

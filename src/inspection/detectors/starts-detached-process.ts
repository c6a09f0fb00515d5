import { deedsOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { scriptsWith } from "./_npm.ts";
import { isLate, sight } from "./_sight.ts";

const DETACHED = /detached['"]?\s{0,4}:\s{0,4}(?:true|!0|1)\b/;

export const startsDetachedProcess: Detector = {
  id: "starts-detached-process",
  title: "Starts a process at install or import that outlives it",
  severity: "high",
  ecosystems: ["npm"],
  points: 4.2,
  class: "threat",
  group: "import-acts",
  why: `A process is started with \`detached: true\` as soon as the package is installed or imported. It goes on after npm or the program
that imported it has ended, which is what a payload needs and a library does not.

Update checks and telemetry detach a process too, in a function that the program calls.`,
  literals: ["detached"],
  *detect(tree) {
    for (const file of scriptsWith(tree, ["detached"])) {
      for (const deed of deedsOf(file, "start")) {
        if (isLate(deed)) continue;
        if (!DETACHED.test(deed.words)) continue;
        const share = file.phase === "install" || file.phase === "import" || file.phase === "start" ? 1 : 0.4;
        yield sight(file, deed.offset, `${deed.what} detaches ${deed.text.slice(0, 120) || "a process"}`, {
          phase: deed.phase,
          share,
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "package.json": "{}",
          "index.js":
            "const { spawn } = require('child_process');\nspawn('node', ['lib/caller.js'], { detached: true, stdio: 'ignore' }).unref();\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "index.js":
            "const { spawn } = require('child_process');\nexports.check = function () {\n  spawn(process.execPath, [file], { detached: true }).unref();\n};\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "package.json": `{"exports":"./index.mjs"}`,
          "index.mjs":
            "import { spawn as s } from 'node:child_process';\nconst go = () => s(process.execPath, ['x.js'], { windowsHide: !0, detached: !0 });\ngo();\n",
        },
      },
    ],
  },
};

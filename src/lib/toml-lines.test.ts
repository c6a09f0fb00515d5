import assert from "node:assert/strict";
import { test } from "node:test";
import { tomlLine } from "./toml-lines.ts";

const TEXT = `# a comment
port = 1
tls.cert = "x"

[policy]
mode = "off" # port = 2
deny = [
  "a",
]
note = """
port = 3
[network]
"""

[feeds.team.policy]
'hold_at' = 0.5

[[upstreams]]
name = "one"

[[upstreams]]
name = "two"
`;

test("a setting is found on the line of its key, in its own table", () => {
  assert.equal(tomlLine(TEXT, ["port"]), 2);
  assert.equal(tomlLine(TEXT, ["tls", "cert"]), 3);
  assert.equal(tomlLine(TEXT, ["policy", "mode"]), 6);
  assert.equal(tomlLine(TEXT, ["feeds", "team", "policy", "hold_at"]), 16);
});

test("an element of an array is found on the line of the array, one of an array of tables in its own table", () => {
  assert.equal(tomlLine(TEXT, ["policy", "deny", 0]), 7);
  assert.equal(tomlLine(TEXT, ["upstreams", 1, "name"]), 22);
  assert.equal(tomlLine(TEXT, ["upstreams", 0, "url"]), 18);
});

test("what is not there is found at its nearest parent, or not at all", () => {
  assert.equal(tomlLine(TEXT, ["policy", "cooldown"]), 5);
  assert.equal(tomlLine(TEXT, ["network", "proxy"]), undefined);
});

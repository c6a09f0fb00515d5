import { REFUSALS } from "../../src/errors.ts";
import { code, codeBlock, page, plain, table } from "./markdown.ts";

/** docs/reference/errors.md */
export function errorsPage(): string {
  const rows = Object.entries(REFUSALS).map(([name, refusal]) => [
    code(name),
    String(refusal.status),
    plain(refusal.says),
    "hint" in refusal ? plain(refusal.hint) : "",
  ]);
  return page("Refusals", INTRODUCTION, table(["Code", "Status", "Sentence", "Hint"], rows));
}

const INTRODUCTION = `Every expected "no" that a caller can meet. The code is stable; \`{places}\` are filled in.

- The three protocols say it as their clients print it: reason phrase, body, \`npm-notice\`, \`X-NuGet-Warning\`. The status may differ there
  where a client would repeat the request or try another registry; docs/clients.md and the README of each ecosystem say what clients print.
- The API answers \`application/problem+json\` (RFC 9457):

${codeBlock('{"title":"This needs a token","status":401,"code":"TOKEN_REQUIRED","detail":"Create one with: …","params":{}}', "json")}

- Commands print the sentence and the hint on standard error. Exit codes: 64 USAGE, 69 SERVER_UNREACHABLE and UPSTREAM_UNAVAILABLE,
  77 TOKEN_REQUIRED, TOKEN_INVALID and FORBIDDEN, 78 CONFIG_INVALID, 1 every other.

A bug is not in this table: it is logged with its stack under a reference, and the caller sees INTERNAL with that reference.`;

import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { isMember, sight } from "./_sight.ts";

/** A form that sends what is typed to a server that is named, and a field for a password. */
const FORM = /<form\b[^>]{0,400}\baction\s{0,4}=\s{0,4}["']?https?:\/\/[^"'\s>]{4,200}/i;
const PASSWORD = /<input\b[^>]{0,400}\btype\s{0,4}=\s{0,4}["']?password\b/i;
const LARGEST = 2 << 20;

export const pageAsksForPassword: Detector = {
  id: "page-asks-for-password",
  title: "A page in the release sends a typed password to a server",
  severity: "medium",
  ecosystems: ["npm"],
  points: 5.6,
  class: "threat",
  group: "phishing",
  why: `An HTML page holds a form with a field for a password, whose answer goes to an address that is written out. Registries are
free hosting: campaigns of 2025 published hundreds of packages whose only purpose were such pages, shown from the mirrors of public
delivery networks.

Examples and templates of honest packages send their forms to the server that shows them, with an address that names no host.`,
  literals: ["password"],
  *detect(tree) {
    for (const file of tree.files) {
      if (!isMember(file) || file.kind !== "html" || !file.has("password") || file.bytes.length > LARGEST) continue;
      const form = formOf(file);
      if (form !== undefined)
        yield sight(file, form.index, `asks for a password for ${form[0].slice(-120)}`, { phase: "call" });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "npm",
        files: {
          "index.html":
            '<form method="post" action="https://example.invalid/p"><input name="p" type="password"></form>\n',
        },
      },
    ],
    passes: [
      { ecosystem: "npm", files: { "login.html": '<form action="/login"><input type="password"></form>\n' } },
      {
        ecosystem: "npm",
        files: { "a.html": '<form action="https://example.invalid/search"><input></form>\npassword\n' },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: { "a.html": "<FORM\nACTION = https://example.invalid/p >\n<input TYPE=password name=p>\n" },
      },
    ],
  },
};

/** The form, when the field for the password follows it. */
function formOf({ text }: SourceFile): RegExpExecArray | undefined {
  const form = FORM.exec(text);
  return form !== null && PASSWORD.test(text.slice(form.index)) ? form : undefined;
}

import { hash } from "node:crypto";
import { printable } from "../inspection/run-detectors.ts";
import { Html, html } from "../lib/html.ts";
import { STYLE } from "./style.ts";

/** Nothing but this one style: no script, picture, frame, form or anything from elsewhere. */
const POLICY = `default-src 'none'; style-src 'sha256-${hash("sha256", STYLE, "base64")}'; base-uri 'none'; form-action 'none'`;

/** A whole page that needs nothing but itself, whatever is written in it: what comes from packages is escaped, and nothing in it can load, run or lead elsewhere. */
export function page(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer"><title>${printable(title, 200)}</title><style>${new Html(STYLE)}</style></head>
<body>${body}</body></html>
`;
}

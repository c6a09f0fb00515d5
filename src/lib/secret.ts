import { readFile } from "node:fs/promises";
import { inspect } from "node:util";

/** A text that must not reach logs, errors or JSON: it prints as `[secret]` everywhere; only `reveal` gives it. */
export interface Secret {
  reveal(): string;
}

/** Wraps a text so that printing the wrapper shows `[secret]`. */
export function secret(text: string): Secret {
  const hidden = () => "[secret]";
  return Object.freeze({ reveal: () => text, toString: hidden, toJSON: hidden, [inspect.custom]: hidden });
}

/** The first line of a file as a secret, without surrounding blanks. Throws the file system's error. */
export async function readSecretFile(path: string): Promise<Secret> {
  const text = await readFile(path, "utf8");
  return secret((text.split("\n", 1)[0] ?? "").trim());
}

/** A URL as text without user name and password, for logs and messages; text that is no URL becomes `[unreadable URL]`. */
export function withoutCredentials(url: string): string {
  if (!URL.canParse(url)) return "[unreadable URL]";
  const parsed = new URL(url);
  parsed.username = "";
  parsed.password = "";
  return parsed.href;
}

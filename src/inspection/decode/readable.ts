import { kindOf } from "../kinds.ts";
import type { FileKind } from "../model.ts";

/** What decoded bytes turn out to be. */
export interface Readable {
  readonly text: string;
  readonly kind: FileKind;
}

/** Characters that are looked at to tell text from other bytes. */
const SAMPLE = 2_048;
/** Shorter results of a blind attempt are chance. */
const SHORTEST = 12;

/**
 * Bytes, one a character, as text of a kind: UTF-8 or UTF-16 text, or a program, archive or compiled Python, whose text is the
 * bytes themselves. Undefined for everything else: what no rule could read.
 */
export function readBytes(bytes: string): Readable | undefined {
  if (bytes.length < SHORTEST) return undefined;
  const buffer = Buffer.from(bytes, "latin1");
  const kind = kindOf("decoded", buffer);
  if (kind === "executable" || kind === "dotnet" || kind === "archive" || kind === "pyc") return { text: bytes, kind };
  if (kind === "image") return undefined;
  if (isMarshalled(buffer)) return { text: bytes, kind: "pyc" };
  const text = isWide(buffer) ? buffer.toString("utf16le").replace(/^\ufeff/, "") : buffer.toString("utf8");
  return isText(text) ? { text, kind: kindOfText(text, "text") } : undefined;
}

/** Printable for the most part, with something of language or code in it. */
export function isText(text: string): boolean {
  const sample = text.length <= SAMPLE ? text : text.slice(0, SAMPLE / 2) + text.slice(-SAMPLE / 2);
  let odd = 0;
  let words = 0;
  for (let at = 0; at < sample.length; at++) {
    const code = sample.charCodeAt(at);
    if (code < 9 || (code > 13 && code < 32) || (code > 126 && code < 160) || code === 0xfffd || code >= 0xe000) odd++;
    else if ((code | 32) >= 97 && (code | 32) <= 122) words++;
  }
  return odd * 100 <= sample.length * 2 && words * 4 >= sample.length;
}

/** The language of a text without a name, told from its words; `otherwise` when nothing in it tells. */
export function kindOfText(text: string, otherwise: FileKind): FileKind {
  const head = text.slice(0, 65_536);
  const kind = kindOf("decoded", Buffer.from(head.slice(0, 4_096)));
  if (kind !== "text" && kind !== "binary") return kind;
  if (POWERSHELL.test(head)) return "powershell";
  if (PYTHON.test(head)) return "python";
  if (JAVASCRIPT.test(head)) return "javascript";
  if (BATCH.test(head)) return "batch";
  return SHELL.test(head) ? "shell" : otherwise;
}

const POWERSHELL =
  /\b(?:invoke-expression|invoke-webrequest|new-object|start-process|set-executionpolicy|downloadstring|iex)\b|\$env:|\[System\.|\$\w{1,40} ?= ?\(?(?:New-Object|Get-)/i;
const PYTHON =
  /^[ \t]{0,16}(?:import [\w.]+|from [\w.]+ import|def \w+ ?\(|class \w+.{0,80}:|try:|if .{1,200}:|for \w+ in .{1,200}:|with open\()|__import__\(|\bexec\(|\b(?:os|subprocess|requests|base64|sys)\.\w+\(|\blambda\b/m;
const JAVASCRIPT =
  /\brequire\(|\bfunction\b.{0,80}\(|\b(?:const|let|var) [\w${[]|=> ?[{(\w]|\bmodule\.exports\b|\bprocess\.env\b|\beval\(|\bdocument\.|\bawait fetch\(/;
const BATCH = /^@echo off|^[ \t]{0,8}(?:reg add|schtasks|taskkill|start \/b)\b/im;
const SHELL =
  /\b(?:curl|wget) .{0,200}(?:https?:|\|)|\b(?:bash|sh) -[ci]\b|\/dev\/tcp\/|\bchmod \+x\b|\/bin\/(?:ba)?sh\b/;

/** UTF-16, little endian, of mostly ASCII text: every other byte is zero. */
function isWide(bytes: Buffer): boolean {
  const sample = Math.min(bytes.length & ~1, 512);
  let zeros = 0;
  for (let at = 1; at < sample; at += 2) if (bytes[at] === 0 && bytes[at - 1] !== 0) zeros++;
  return sample >= 8 && zeros * 2 >= sample * 0.85;
}

/** A code object as `marshal` writes it, with and without the reference bit. */
function isMarshalled(bytes: Buffer): boolean {
  return (
    (bytes[0] === 0xe3 || bytes[0] === 0x63) && bytes.length > 64 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0
  );
}

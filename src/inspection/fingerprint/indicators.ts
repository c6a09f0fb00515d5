import type { ReleaseTree, SourceFile } from "../model.ts";

/**
 * What two releases of one attacker share although their code differs: addresses they talk to, wallets, mail addresses, programs they carry.
 * As `kind:value`, the most telling first.
 */
export function indicatorsOf(tree: ReleaseTree, urls: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const file of tree.files) {
    if (found.size >= MOST_INDICATORS / 2) break;
    if (CARRIED.has(file.kind) && file.bytes.length >= LEAST_BLOB) found.add(`blob:${file.sha256.slice(0, 32)}`);
    if (isSearched(file)) for (const one of walletsAndMail(file)) found.add(one);
  }
  for (const url of urls) {
    if (found.size >= MOST_INDICATORS) break;
    for (const one of addressesIn(url)) found.add(one);
  }
  return [...found].slice(0, MOST_INDICATORS);
}

/** Indicators kept of one release. */
export const MOST_INDICATORS = 48;

const CARRIED = new Set(["executable", "dotnet", "pyc", "binary", "archive"]);
/** Smaller ones are empty templates. */
const LEAST_BLOB = 1_024;
const SEARCHED = new Set(["python", "javascript", "typescript", "powershell", "shell", "batch", "text"]);
const SEARCHED_BYTES = 64 << 10;

function isSearched(file: SourceFile): boolean {
  return SEARCHED.has(file.kind) && (file.phase === "install" || file.phase === "start" || file.layer !== undefined);
}

const WALLET =
  /\b(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{38,58}|4[0-9AB][1-9A-HJ-NP-Za-km-z]{93}|T[1-9A-HJ-NP-Za-km-z]{33})\b/g;
const MAIL = /\b[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,60}@[A-Za-z0-9-]{1,60}\.[A-Za-z]{2,10}\b/g;

function* walletsAndMail({ bytes }: SourceFile): Iterable<string> {
  const text = bytes.toString("latin1", 0, SEARCHED_BYTES);
  for (const [wallet] of text.matchAll(WALLET)) yield `wallet:${wallet.toLowerCase()}`;
  if (text.includes("@")) for (const [mail] of text.matchAll(MAIL)) yield `mail:${mail.toLowerCase()}`;
}

/** Hosts where every customer has paths of his own: the host says nothing, the path does. */
const SHARED_HOST =
  /(?:^|\.)(?:discord(?:app)?\.com|telegram\.org|t\.me|slack\.com|github(?:usercontent)?\.com|gitlab\.com|bitbucket\.org|pastebin\.com|google(?:apis)?\.com|amazonaws\.com|dropbox(?:usercontent)?\.com|transfer\.sh|ipify\.org|ipinfo\.io|ipapi\.co|ip-api\.com|icanhazip\.com|example\.(?:com|org|net|invalid)|localhost|w3\.org|schema\.org|python\.org|nodejs\.org|mozilla\.org|microsoft\.com|apache\.org|gnu\.org|readthedocs\.(?:io|org)|opensource\.org|shields\.io|stackoverflow\.com|wikipedia\.org|medium\.com|twitter\.com|x\.com|youtube\.com|linkedin\.com|facebook\.com|instagram\.com)$/;

function* addressesIn(url: string): Iterable<string> {
  const match = /^[a-z]{2,8}:\/\/(?:[^@/]{0,100}@)?([^/:?#]{3,253})(?::\d{1,5})?([^?#]{0,200})/i.exec(url);
  if (match === null) return;
  const host = match[1]!.toLowerCase();
  if (/^127\.|^10\.|^192\.168\.|^localhost$|[{}$%<>]/.test(host)) return;
  const path = match[2]!.split("/").slice(0, 5).join("/");
  if (SHARED_HOST.test(host)) {
    if (path.length >= LEAST_PATH) yield `url:${host}${path}`;
  } else if (host.includes(".")) yield `host:${host}`;
}

const LEAST_PATH = 12;

import { globalKey } from "./assign.ts";
import { otherwise } from "./namespaces.ts";
import {
  CLOSE_PAREN,
  COMMA,
  DOT,
  isWordAt,
  nameAt,
  operatorAt,
  type Program,
  SEMICOLON,
  STAR,
  WORD,
} from "./program.ts";

/** `import a.b, c as d`; gives the token after it. */
export function readImport(p: Program, at: number): number {
  let next = at + 1;
  while (nameAt(p, next) !== "") {
    const first = nameAt(p, next++);
    let module = first;
    for (; operatorAt(p, next) === DOT; next += 2) module += `.${nameAt(p, next + 1)}`;
    if (isWordAt(p, next, WORD.as)) {
      bind(p, nameAt(p, next + 1), module);
      next += 2;
    } else bind(p, first, first);
    if (operatorAt(p, next) !== COMMA) break;
    next++;
  }
  return next;
}

/** `from a.b import c, d as e`; gives the token after it. */
export function readFrom(p: Program, at: number): number {
  let next = at + 1;
  let module = "";
  for (; next < p.length && !isWordAt(p, next, WORD.import); next++) {
    const isEnd = p.tokens.kind(next) === "newline" || operatorAt(p, next) === SEMICOLON;
    if (isEnd || next - at > MOST_HEAD) return at + 1;
    module += p.tokens.value(next);
  }
  for (next++; next < p.length && p.tokens.kind(next) !== "newline"; next++) {
    const code = operatorAt(p, next);
    if (code === STAR) for (const name of RUNNERS_OF[module] ?? []) bind(p, name, `${module}.${name}`);
    if (code === SEMICOLON || code === STAR || code === CLOSE_PAREN) break;
    const name = nameAt(p, next);
    if (name === "") continue;
    const isRenamed = isWordAt(p, next + 1, WORD.as);
    const isBuiltin = /^(?:builtins|__builtin__)$/.test(module);
    const other = otherwise(module, name);
    const stands = other?.kind === "name" ? other.name : isBuiltin ? name : `${module}.${name}`;
    bind(p, isRenamed ? nameAt(p, next + 2) : name, stands);
    if (isRenamed) next += 2;
  }
  return next;
}

/** What programs mean by `from module import *`, of what runs, fetches or decodes something. */
const RUNNERS_OF: Readonly<Record<string, readonly string[]>> = Object.assign(Object.create(null), {
  os: "system popen startfile execv execve execvp execl execlp spawnv spawnl environ getenv getlogin uname".split(" "),
  subprocess: "Popen run call check_call check_output getoutput getstatusoutput".split(" "),
  base64: "b64decode b32decode b16decode b85decode a85decode urlsafe_b64decode decodebytes".split(" "),
  binascii: "unhexlify a2b_hex a2b_base64".split(" "),
  zlib: ["decompress"],
  marshal: ["loads"],
  requests: "get post put request Session".split(" "),
  "urllib.request": "urlopen urlretrieve Request".split(" "),
  socket: "socket create_connection gethostname getfqdn".split(" "),
} satisfies Record<string, readonly string[]>);

function bind(p: Program, name: string, stands: string): void {
  if (name === "") return;
  const scope = p.scopes.at(-1)!;
  const isGlobal = p.globals.has(name) && scope.has(globalKey(name));
  (isGlobal ? p.scopes[0]! : scope).set(name, { kind: "name", name: stands });
}

/** Tokens of an import that are looked through. */
const MOST_HEAD = 256;

import type { SourceFile } from "../model.ts";
import type { Act } from "./acts.ts";
import { canRunCode, canStart, canTakeEnvironment } from "./mentions.ts";

/** Files with credentials, as they appear in paths; ASCII lower case. */
export const SECRET_FILES: readonly string[] = [
  ".aws/credentials",
  ".ssh/id_",
  "id_rsa",
  "id_ed25519",
  ".npmrc",
  ".pypirc",
  ".netrc",
  ".git-credentials",
  ".docker/config.json",
  ".kube/config",
  "application_default_credentials",
  "/etc/shadow",
  "/etc/passwd",
  ".bash_history",
  ".zsh_history",
  ".config/gh/hosts.yml",
  ".vault-token",
  "169.254.169.254",
  "metadata.google.internal",
  "/proc/self/environ",
  "secrets/kubernetes.io",
];
/** Where credentials come from that are no files: commands that print them, variables that lead to them, a process that holds them. */
export const SECRET_SOURCES: readonly string[] = [
  "gh auth token",
  "gcloud auth print-",
  "get-access-token",
  "find-generic-password",
  "git credential fill",
  "runner.worker",
  "actions_id_token_request_",
];
/** Everything that a credential is taken from, ASCII lower case. */
export const SECRETS: readonly string[] = [...SECRET_FILES, ...SECRET_SOURCES];
/** The two programs that fetch, as they end in commands, lists of arguments and imports, and not inside of `curly` and `rowGet`. */
const FETCHERS: readonly string[] = ["curl", "wget"].flatMap((program) =>
  [" ", '"', "'", "`", ".", ",", "$", "\\", "{", "|", ";", ")", "%"].map((end) => program + end),
);

/**
 * Literals without one of which a file does not do a thing, lower case: what the prefilter finds decides which files are read
 * more closely. Modules are named as imports and calls name them, so that prose about requests does not count.
 */
const PYTHON: Readonly<Record<Act, readonly string[]>> = {
  environment: ["environ", "printenv"],
  "host-fact": words(
    `gethostname getfqdn getuser getlogin os.uname platform.node platform.uname getnode getpwuid whoami 'hostname'
"hostname" ifconfig ipconfig systeminfo get_mac_address net_if_addrs`,
    ["import uname", "uname -", "wmic ", "hostname)", "hostname`"],
  ),
  "secret-file": SECRETS,
  decode:
    words(`b64decode b32decode b16decode b85decode a85decode decodebytes decodestring fromhex unhexlify a2b_base64 decompress marshal
fernet .decrypt( codecs. rot13 rot_13 maketrans ::-1`),
  clipboard: ["pyperclip", "clipboard"],
  screen: ["imagegrab", "screenshot", "import mss", "mss.mss", "videocapture", "sounddevice", "pyaudio"],
  keys: words("pynput keyboard.on_ keyboard.hook getasynckeystate setwindowshookex pyhook pyxhook", [
    "import keyboard",
  ]),
  open: [],
  http: words(
    `urlopen urlretrieve urllib2 urllib3 urllib.request requests. 'requests' "requests" httpx aiohttp http.client httplib
tls_client cloudscraper certutil bitsadmin invoke-webrequest downloadfile downloadstring mshta`,
    ["import request", "from request", "import urllib", "from urllib", ...FETCHERS],
  ),
  upload: words(
    `requests. 'requests' "requests" httpx aiohttp .post( webhook telebot telegram ftplib paramiko urlopen http.client httplib`,
    ["import request", "from request", ...FETCHERS],
  ),
  dns: words("gethostby getaddrinfo dns.re nslookup 'dig' \"dig\" 'ping' \"ping\"", [...commands("dig", "ping")]),
  socket: ["socket", "telnetlib", "open_connection"],
  send: [".send", ".emit(", "sendmail"],
  mail: ["smtplib", "yagmail"],
  start: words(
    "subprocess os.system popen startfile os.exec os.spawn posix_spawn pty.spawn getoutput shellexecute winexec __import__(",
    [
      "import system",
      "import popen",
      "getattr(os",
      "from os import",
      "import os as",
      "posix.",
      "nt.system",
      ".os.system",
      "cdll",
    ],
  ),
  "run-code": words(
    "exec( =exec (exec eval( =eval (eval execfile runpy functiontype __builtins__ builtins. load_source sourcefileloader @exec [exec {exec type(lambda cprofile.run timeit.timeit( pdb.run( .runsource( .runcode(",
    [
      "import builtins",
      "= exec",
      ", exec",
      "= eval",
      ", eval",
      "exec (",
      "eval (",
      ...["yield", "return", "else", "or"].map((word) => `${word} exec`),
    ],
  ),
  "load-native": ["virtualalloc", "rtlmovememory", "createthread", "writeprocessmemory"],
  write: words(".write urlretrieve wget.download gdown copyfile shutil. os.rename extractall"),
  "install-package": words("'install' \"install\" pip.main pip._internal easy_install", [
    "pip install",
    "import pip",
    "from pip",
    "npm install",
  ]),
  browse: ["webbrowser"],
  publish: [],
};

/** `eval` that is not called where it stands, but put into something, handed over or given back. */
export const HANDED_EVAL: readonly string[] = [
  ..."(eval [eval {eval =eval .eval ?eval |eval 'eval' \"eval\"".split(" "),
  ..."= , : ? { | return =>".split(" ").map((before) => `${before} eval`),
];

const JAVASCRIPT: Readonly<Record<Act, readonly string[]>> = {
  environment: [
    ...[
      "process.env",
      "bun.env",
      "deno.env",
      "'env'",
      '"env"',
      "printenv",
      "=process",
      "= process",
      "'process'",
      '"process"',
    ],
    ...["'node:process'", '"node:process"', "$(env", "`env"],
  ],
  "host-fact": words(
    "hostname( userinfo( networkinterfaces whoami getservers ifconfig ipconfig systeminfo 'hostname' \"hostname\"",
    ["uname -", "$(hostname", "`hostname"],
  ),
  "secret-file": SECRETS,
  decode: words(
    "atob( 'base64' \"base64\" 'hex' \"hex\" `base64` createdecipher inflatesync gunzipsync unzipsync brotlidecompress",
  ),
  clipboard: ["clipboard"],
  screen: ["screenshot-desktop"],
  keys: ["iohook", "global-key-listener"],
  open: [],
  http: words(
    `fetch( axios https.get http.get https.request http.request 'https' "https" 'http' "http" node:http node-fetch undici xmlhttprequest
superagent got( 'request' "request" invoke-webrequest certutil bitsadmin downloadfile downloadstring mshta`,
    [...quoted("needle"), ...FETCHERS],
  ),
  upload: words(
    `fetch( axios https.request http.request 'https' "https" 'http' "http" node:http xmlhttprequest sendbeacon undici superagent
websocket 'net' "net" node:net node:tls http2 form-data`,
    [...quoted("needle"), ...FETCHERS],
  ),
  dns: words(`'dns' "dns" node:dns dns/promises dns.lookup dns.re nslookup`, [...commands("dig", "ping")]),
  socket: words(
    `'net' "net" 'tls' "tls" node:net node:tls net.connect tls.connect dgram websocket socket.io 'ws' "ws"`,
  ),
  send: words(".send( .emit( .write( .end("),
  mail: ["nodemailer"],
  start: words(
    "child_process cross-spawn bun.spawn deno.command deno.run 'child_ \"child_",
    quoted("execa", "shelljs"),
  ),
  "run-code": words(
    `eval( (eval =eval function(" function(' function(` +
      "`" +
      ` vm. 'vm' "vm" node:vm _compile runinthiscontext runinnewcontext`,
    [
      "new function",
      "(function)",
      ").constructor(",
      "constructor']",
      'constructor"]',
      "data:text/javascript",
      "data:application/javascript",
      "import(url.",
      "= function(",
      ...HANDED_EVAL,
    ],
  ),
  "load-native": [],
  write: words("writefile appendfile createwritestream writesync copyfile renamesync"),
  "install-package": words("npm pip yarn pnpm").map((tool) => `${tool} install`),
  browse: [],
  publish: ["libnpmpublish"],
};

/** Command lines of these programs, which are the ends of other words: `mapping `. */
function commands(...programs: readonly string[]): readonly string[] {
  return programs.flatMap((program) => [...` '"\`(;|&/\n`].map((before) => `${before}${program} `));
}

/** The beginnings of literals that name these modules, which are parts of other words as well. */
function quoted(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => ["'", '"', "`"].map((quote) => quote + name));
}

function words(list: string, more: readonly string[] = []): readonly string[] {
  return [...list.split(/\s+/), ...more];
}

/** The literals to name in a detector that asks whether files do any of `acts`. */
export function marks(...acts: readonly Act[]): readonly string[] {
  return [...new Set(acts.flatMap((act) => [...PYTHON[act], ...JAVASCRIPT[act]]))];
}

/** Every mark, for the prefilter. */
export const ALL_MARKS: readonly string[] = [
  ...new Set([PYTHON, JAVASCRIPT].flatMap((table) => Object.values(table).flat())),
];

/** Acts whose marks are common words. */
const CAN: Readonly<Partial<Record<Act, (file: SourceFile) => boolean>>> = {
  "run-code": canRunCode,
  start: canStart,
  environment: canTakeEnvironment,
};

/** Whether the file may do any of `acts`, told from the prefilter and, where its marks are common words, one look at the text. */
export function mayDo(file: SourceFile, acts: readonly Act[]): boolean {
  const table = file.kind === "javascript" || file.kind === "typescript" ? JAVASCRIPT : PYTHON;
  return acts.some((act) => {
    if (table[act].length > 0 && !file.hits.hasAny(table[act])) return false;
    const can = CAN[act];
    return can === undefined || can(file) || file.composed?.hasAny(table[act]) === true;
  });
}

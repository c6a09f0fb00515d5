/** What a command line asks for, told from its text. */
export interface Command {
  /** It fetches something. */
  readonly fetches: boolean;
  /** It sends something: a body, or data in the address. */
  readonly sends: boolean;
  /** It asks who or where this machine is. */
  readonly asksHost: boolean;
  /** It only builds, tests or asks for a version, as setup scripts do. */
  readonly builds: boolean;
  /** It hides that it runs: no window, output thrown away, detached. */
  readonly hides: boolean;
  /** It gives an interpreter its program on the command line. */
  readonly givesProgram: boolean;
  /** It installs packages. */
  readonly installs: boolean;
}

const FETCHES =
  /\b(?:curl|wget|certutil|bitsadmin|invoke-webrequest|iwr|invoke-restmethod|irm|downloadfile|downloadstring|start-bitstransfer|mshta|aria2c)\b|net\.webclient/i;
const SENDS =
  /\b(?:curl|wget)\b(?:[^|;&\n]|&(?=[\w-]{1,40}=)){0,400}?(?:[ \t]-d\b|--data|[ \t]-F\b|-X[ \t]{0,2}(?:POST|PUT)|--post|[ \t]-T\b|\$\(|`|\$\{?(?:USER|HOME|HOSTNAME|PWD))|\b(?:nslookup|dig|ping|host)\b[^|;&\n]{0,200}(?:\$\(|`|\$\{?\w|…\.)|\|[ \t]{0,4}(?:nc|ncat|netcat|curl|wget|base64)\b|uploadstring|uploadfile/i;
const ASKS_HOST =
  /(?:^|[\s;&|`("'])(?:whoami|hostname|uname|ifconfig|ipconfig|systeminfo|id|ip[ \t]{1,3}a(?:ddr)?|wmic[ \t]{1,3}\w+|netstat|printenv|env|getmac|ipinfo\.io|cat[ \t]{1,3}\/etc\/(?:passwd|hostname|hosts|os-release))(?=$|[\s;&|`)"'])/i;
const BUILDS =
  /^[\s"'(]{0,4}(?:[\w.+~-]{0,40}[/\\]){0,8}(?:git|hg|svn|bzr|darcs|make|gmake|nmake|cmake|ninja|meson|gcc|g\+\+|cc|c\+\+|clang|clang\+\+|cl|ld|ar|ranlib|nvcc|mpicc|gfortran|pkg-config|pkgconf|swig|cython|cargo|rustc|rustup|go|npm|npx|yarn|pnpm|node|bower|pandoc|sphinx-build|sphinx-apidoc|pytest|py\.test|nosetests|tox|coverage|flake8|pylint|mypy|black|isort|twine|doxygen|llvm-config(?:-\d{1,2})?|mysql_config|pg_config|curl-config|xml2-config|xslt-config|gdal-config|krb5-config|geos-config|net-snmp-config|root-config|php-config|ruby|perl|which|where|ls|cp|mv|rm|mkdir|chmod|ln|tar|unzip|patch|autoreconf|autoconf|automake|aclocal|libtoolize|\.?\/?configure|\.?\/?autogen\.sh|\.?\/?bootstrap(?:\.sh)?|\.?\/?build(?:\.sh)?|sw_vers|xcrun|xcode-select|xcodebuild|otool|install_name_tool|ldconfig|lsb_release|dpkg|rpm|brew|qmake\d?|moc|uic|pyuic\d|pyrcc\d|msgfmt|xgettext|pybabel|protoc|thrift|bison|flex|yacc|lex|javac|java|mvn|ant|gradle|dotnet|mcs|ghc|stack|cabal|ocamlfind|opam|pdflatex|xelatex|latex|bash|sh)\b/i;
/** Python running this package's own build and test steps. */
const BUILDS_PYTHON =
  /^[\s"'(]{0,4}(?:[\w.+~-]{0,40}[/\\]){0,8}python[\d.]{0,5}(?:\.exe)?["']?[ \t]{1,4}(?:\.?\/?setup\.py|-m[ \t]{1,3}(?:build|pytest|unittest|twine|tox|sphinx|nose|coverage|compileall|cython|pip[ \t]{1,3}--version)|--version|-V)\b/i;
const OWN_SETUP =
  /\bsetup\.py["', \t]{1,6}(?:sdist|bdist\w{0,12}|build\w{0,6}|upload|register|test|clean|develop|egg_info|--\w)/i;
const HIDES =
  /-w(?:indowstyle)?[ \t]{1,3}hidden|createnowindow|0x0?8000000|\/dev\/null|>[ \t]{0,3}nul\b|\bnohup\b|-nop\b|-noprofile|-executionpolicy[ \t]{1,3}bypass|-ep[ \t]{1,3}bypass|start[ \t]{1,3}\/b\b/i;
/** Whether a program is there, and what it has to complain about: no output that anybody would miss. */
const PROBES =
  /\b(?:which|where|command -v|type|hash)[ \t]{1,4}[\w.+-]{1,60}[ \t]{0,4}[12&]?>[ \t]{0,3}\/dev\/null(?:[ \t]{1,4}2>&1)?|[ \t]2>[ \t]{0,3}\/dev\/null/g;
const GIVES_PROGRAM =
  /\b(?:python[\d.w]{0,5}|node|bun|deno|perl|ruby|osascript|powershell|pwsh)(?:\.exe)?["']?[ \t]{1,4}(?:-[ce]|eval|-enc\w{0,12}|-command)[ \t]/i;
const INSTALLS =
  /\bpip3?(?:\.exe)?["', \t]{1,6}install\b|\bnpm["', \t]{1,6}(?:i|install|add)\b|easy_install\b|\bgem[ \t]{1,4}install\b/i;

/** Characters of one command line. */
export const LONGEST_COMMAND = 1 << 20;

/** Reads a command line of at most LONGEST_COMMAND characters, rows of blanks counted as two; the rest is not looked at. */
export function readCommand(line: string): Command {
  const text = squeezed(line).slice(0, LONGEST_COMMAND);
  const fetches = FETCHES.test(text);
  const sends = SENDS.test(text);
  const asksHost = ASKS_HOST.test(text);
  const hides = HIDES.test(text.replace(PROBES, ""));
  const chained = /[|;&`]|\$\(|-c\b/.test(text) && /^[\s"'(]{0,4}(?:\/(?:usr\/)?bin\/)?(?:ba|z|da)?sh\b/i.test(text);
  const builds = !fetches && !sends && !chained && [BUILDS, BUILDS_PYTHON, OWN_SETUP].some((known) => known.test(text));
  const givesProgram = GIVES_PROGRAM.test(text);
  return { fetches, sends, asksHost, builds, hides, givesProgram, installs: INSTALLS.test(text) };
}

/** The text with rows of blanks made short: what stands behind a thousand of them is no less a part of the command. */
export function squeezed(text: string): string {
  return text.length < 1_000 ? text : text.replace(/[ \t]{3,}/g, "  ");
}

/** Programs that run a file which is given to them, or give it to the system to open. */
const RUNNERS =
  /^[\s"'(]{0,4}(?:[\w.+:~-]{0,60}[/\\]){0,8}(?:python[\d.w]{0,5}|py|pythonw?|bash|sh|zsh|dash|cmd|powershell|pwsh|wscript|cscript|mshta|rundll32|regsvr32|msiexec|node|bun|deno|perl|ruby|start|open|xdg-open|osascript|nohup|sudo|chmod|explorer|java|call|exec|env|setsid|timeout|wine|xattr)(?:\.exe)?\b/i;

/**
 * Whether a file that reaches the start of a process is run by it rather than read by a program that is known by name: `text`
 * begins with what is constant of the command, empty or with `…` when the program itself is not.
 */
export function isProgram({ text, act }: { readonly text: string; readonly act: string }): boolean {
  if (act === "start" && asksVersion(text)) return false;
  if (act !== "start" || text === "" || /^[\s…]/.test(text)) return true;
  return (
    RUNNERS.test(text) ||
    /^[\w./\\:~-]{1,200}\.(?:exe|bat|cmd|vbs|ps1|scr|msi|py|sh|bin|pyw|hta|jar|js)\b/i.test(text) ||
    /^\.?\/?$/.test(text.trim())
  );
}

/** Whether the words ask a program for its version or its options and nothing else, whatever program it is: `…/tool --version`. */
export function asksVersion(text: string): boolean {
  return /^[^|;&><`$\n]{1,300}[ \t](?:-{1,2}version|-[vV]|-dumpversion|-dumpmachine|-{1,2}help|-h)[ \t…"')]{0,10}$/.test(
    text,
  );
}

/** Whether nothing of the folded text of arguments is known: `…` stands for what is not. */
export function isUnknown(text: string): boolean {
  return /^[\s…]*$/.test(text);
}

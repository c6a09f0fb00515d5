import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { isCode, isMember, sight } from "./_sight.ts";

/** More code than this is a program with a purpose of its own, whatever its documents speak of. */
const MOST_CODE = 60_000;
/** Files that say what a release is for, and how much of each is read. */
const MOST_DOCUMENTS = 12;
const MOST_READ = 6_000;
const DOCUMENT =
  /^(?:[^/]{1,200}\/){0,2}(?:readme[^/]{0,20}|pkg-info|metadata|setup\.py|setup\.cfg|pyproject\.toml|package\.json|[^/]{1,200}\.nuspec|__init__\.py|index\.js)$/i;

/** What an attack on those who install packages is called. */
const SUBJECT =
  /dependency confusion|typo ?squat\w{0,5}|supply chain (?:attack|vulnerabilit|compromise)|name ?squat\w{0,5}|(?:malicious|evil) (?:python |pip |npm )?(?:packag|librar|modul|code|payload)\w{0,4}|bug ?bounty|hackerone|bugcrowd|security (?:research\w{0,4}|demonstration|demo|test\w{0,4}|poc)|\b(?:rce|poc)\b|(?:remote|arbitrary) code execution|code execution (?:via|during|at|on)\b|pentest\w{0,4}|penetration test\w{0,4}|exfiltrat\w{0,5}|reverse shell/g;
/** What its author calls it. */
const DEMONSTRATION =
  /\bpoc\b|proof of concept|demonstrat\w{1,5}|\bdemo\b|(?:educational|research|testing|test|learning) purposes?|(?:safe|harmless|benign|dummy|innocent) (?:\w{1,20} )?(?:poc|package|test|callback|payload|beacon)|research project|do not (?:use or )?install|experiment\w{0,5} with/;
/** What the release is then for, whatever else it says. */
const AT_INSTALL = /\bcode execution (?:via|during|at|on) (?:\w{1,20} ){0,3}install/;
/** What those do who write tools against attacks, or register a name before others do. */
const DEFENCE = /prevent|protect|detect|defen[dcs]|mitigat|scann|guard|audit|block|placeholder|reserv|avoid/;
/** Characters around the subject in which the rest has to stand. */
const AROUND = 110;

export const callsItselfDemonstration: Detector = {
  id: "calls-itself-demonstration",
  title: "Calls itself the demonstration of an attack on those who install it",
  severity: "medium",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 4.6,
  class: "threat",
  group: "declared",
  why: `The description of a small release says that it is a proof of concept of dependency confusion, typosquatting or code execution
at install. Such releases are published to be installed by mistake; that they are harmless is what their authors say, and what the next
version does is open. Nobody installs them on purpose outside a course.

Tools that detect or prevent such attacks write about them too; those words around the subject, and releases with much code, are left out.
A request not to install the release counts in part.`,
  *detect(tree) {
    let code = 0;
    for (const file of tree.files) if (isMember(file) && isCode(file)) code += file.bytes.length;
    if (code > MOST_CODE) return;
    for (const file of documentsOf(tree)) {
      const text = plain(file.text.slice(0, MOST_READ));
      const at = demonstrated(text);
      if (at !== undefined) {
        yield said(file, text, at, 1);
        return;
      }
      const warned =
        /do not (?:use or )?install this (?:package|library|module)\b(?![^\n]{0,100}\b(?:instead|deprecat))/.exec(text);
      if (warned !== null) yield said(file, text, warned.index, 0.5);
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: {
          "PKG-INFO": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: PoC for dependency confusion\n",
        },
      },
      {
        ecosystem: "npm",
        files: { "package.json": `{"name":"demo","description":"Harmless test package for bug bounty"}` },
      },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: {
          "PKG-INFO":
            "Metadata-Version: 2.1\nName: demo\nSummary: Detects typosquatting, dependency confusion and other attacks\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "README.md": "Proof of concept of a faster parser.\n\nReport security problems to the maintainers.\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "from setuptools import setup\nsetup(description='demonstration of *typo-squatting*')\n" },
      },
      { ecosystem: "pypi", files: { "README.md": "Arbitrary _code execution_ during package installation.\n" } },
      { ecosystem: "npm", files: { "README.md": "# demo\n\nThis is a benign\npackage for security-research.\n" } },
    ],
  },
};

function documentsOf({ files }: ReleaseTree): readonly SourceFile[] {
  return files.filter((file) => isMember(file) && DOCUMENT.test(file.path)).slice(0, MOST_DOCUMENTS);
}

/** Lower case, with marks and single line ends as one blank: sentences are wrapped, emphasised and hyphenated. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("\r", "")
    .replace(/([^\n])\n(?!\n)/g, "$1 ")
    .replace(/[ *_#`>~"'|()[\],:;=\t/-]{1,100}/g, " ");
}

function demonstrated(text: string): number | undefined {
  let looked = 0;
  for (const { 0: subject, index } of text.matchAll(SUBJECT)) {
    if (looked++ >= 50) return undefined;
    const before = text.slice(Math.max(0, index - AROUND), index);
    const after = text.slice(index + subject.length, index + subject.length + AROUND);
    const around = `${before.slice(before.lastIndexOf("\n") + 1)} \u0001 ${after.split("\n", 1)[0]}`;
    const isTold = DEMONSTRATION.test(around) || AT_INSTALL.test(text.slice(index, index + AROUND));
    if (isTold && !DEFENCE.test(around)) return index;
  }
  return undefined;
}

function said(file: SourceFile, text: string, at: number, share: number) {
  const says = `says of itself: ${text.slice(Math.max(0, at - 60), at + 100).trim()}`;
  return { ...sight(file, 0, says, { phase: "install", share }), line: null };
}

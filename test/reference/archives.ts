import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { code, page, plain } from "./markdown.ts";

/** Why an archive may be refused, each with the sentences that the readers give for it. */
export function archiveProblems(): ReadonlyMap<string, readonly string[]> {
  const problems = new Map<string, Set<string>>(problemNames().map((name) => [name, new Set()]));
  for (const source of sources())
    for (const [, problem, , says] of source.matchAll(/ArchiveRefused\(\s*"([a-z-]+)",\s*(["`])([^"`]+)\2/g))
      problems.get(problem!)?.add(says!.replace(/\$\{[^}]*\}/g, "…"));
  return new Map([...problems].map(([problem, says]) => [problem, [...says].sort()]));
}

/** docs/reference/archives.md */
export function archivesPage(): string {
  const sections = [...archiveProblems()].map(([problem, says]) => {
    const list = says.map((one) => `- ${plain(one)}`).join("\n");
    return `## ${code(problem)}\n\n${[MEANING[problem] ?? "", list].filter((text) => text !== "").join("\n\n")}`;
  });
  return page("Archives that are refused", INTRODUCTION, NAMES, ...sections);
}

const INTRODUCTION = `Artifacts are read in memory by Portcullis' own readers (\`src/lib/archives\`): zip (wheels, nupkg), tar, tar.gz and gz, known by their
bytes and not by their name. Nothing is extracted. An archive that two tools would read differently is refused as a whole, because one of
them would install what the other inspected; the verdict is then \`unknown\` with the problem and the sentence below, and policy
withholds it. What honest writers leave behind and all tools read alike is accepted: zeros after a tar or a gzip stream, padding, the
data descriptors of streamed zips, identical repeated members of a tar, links that stay inside the archive.

Archives inside archives are read the same way, down to \`archiveDepth\`; all of them share one budget of members and bytes
([limits](limits.md)). One that is only damaged or odd is common among test data: it stays a file, with a remark. One that goes over the
budget is refused together with everything around it.`;

const NAMES = `## Names

A member's path is valid UTF-8, relative, with \`/\` between segments and without empty, \`.\` or \`..\` segments, backslashes, control characters
or drive letters. Two members that one file system would take for one file (by case, Unicode form, or dots and blanks that Windows
drops) are refused as ambiguous.`;

const MEANING: Readonly<Record<string, string>> = {
  truncated: "The archive ends before it is complete.",
  corrupt: "A checksum, length or header is wrong.",
  ambiguous: "Two tools would read it differently.",
  "unsafe-path": "A member would be written somewhere else than below the folder it is unpacked to.",
  link: "A link leads out of the archive, through another link, or nowhere.",
  "too-large":
    "It unpacks to more than `unpackedBytes`, or one content in it (a tar in a gzip stream, a member that has to be read) to more than six tenths of `inspectorMemoryMb`.",
  "too-many": "It has more than `archiveEntries` members.",
  bomb: "It unpacks to more than `archiveRatio` times its size.",
  encrypted: "Nobody can look inside.",
  unsupported: "A format, method or kind of member that installers of packages have no use for.",
};

function problemNames(): string[] {
  const source = readFileSync(join(FOLDER, "archive.ts"), "utf8");
  const union = /export type ArchiveProblem =([^;]+);/.exec(source)?.[1] ?? "";
  return [...union.matchAll(/"([a-z-]+)"/g)].map(([, name]) => name!);
}

const FOLDER = join(import.meta.dirname, "..", "..", "src", "lib", "archives");

function sources(): string[] {
  const files = globSync("*.ts", { cwd: FOLDER }).filter((file) => !file.endsWith(".test.ts"));
  const paths = [...files.sort(), "../../inspection/unpack.ts"];
  return paths.map((file) => readFileSync(join(FOLDER, file), "utf8"));
}

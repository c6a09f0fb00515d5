import type { EcosystemId, Severity } from "../../src/catalog/model.ts";
import type { ComparedExample, Comparison } from "../../src/inspection/comparison.ts";
import { COMPARISONS } from "../../src/inspection/comparisons/index.ts";
import type { Detector, Example } from "../../src/inspection/detector.ts";
import { DETECTORS } from "../../src/inspection/detectors/index.ts";
import { code, codeBlock, page, plain, shown, table } from "./markdown.ts";

/** docs/reference/detectors/README.md and one page for each detector, by path below docs/reference. */
export function detectorPages(): ReadonlyMap<string, string> {
  const pages = DETECTORS.map((detector) => [`detectors/${detector.id}.md`, detectorPage(detector)] as const);
  const comparisons = COMPARISONS.map((one) => [`detectors/${one.id}.md`, comparisonPage(one)] as const);
  return new Map([["detectors/README.md", overview()], ...pages, ...comparisons]);
}

const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"];
const NATIVE: Readonly<Record<EcosystemId, string>> = { pypi: "PyPI", npm: "npm", nuget: "NuGet" };

function overview(): string {
  const sections = SEVERITIES.flatMap((severity) => {
    const members = DETECTORS.filter((detector) => detector.severity === severity);
    if (members.length === 0) return [];
    const rows = members.map((one) => [
      `[${one.id}](${one.id}.md)`,
      plain(one.title),
      ecosystemsOf(one),
      one.class,
      one.group,
    ]);
    return [`## ${severity}\n\n${table(["Detector", "What it sees", "Ecosystems", "Class", "Group"], rows)}`];
  });
  return page("Detectors", `${DETECTORS.length} detectors. ${INTRODUCTION}`, ...sections, comparisonsSection());
}

function comparisonsSection(): string {
  const rows = COMPARISONS.map((one) => [`[${one.id}](${one.id}.md)`, plain(one.title), ecosystemsOf(one)]);
  const columns = table(["Comparison", "What it sees", "Ecosystems"], rows);
  return `## Comparisons\n\nThese look at a release among its surroundings: the release before, its source, its entry in the index. ${ALONE} Where a page says otherwise, it counts by itself.\n\n${columns}`;
}

const ALONE = `What they see withholds
nothing by itself: it adds at most half of what detectors found that is new in the release, and no more than two points together.`;

function comparisonPage(comparison: Comparison): string {
  const { id, title, severity, why, examples } = comparison;
  return page(
    id,
    `**${title}.**`,
    `Severity ${code(severity)} · comparison · ${ecosystemsOf(comparison)}`,
    why,
    comparison.alone ? "It counts by itself, as a detector does." : ALONE,
    `## Found\n\n${comparedText(examples.matches[0]!)}`,
    `## Not found\n\n${comparedText(examples.passes[0]!)}`,
  );
}

function comparedText({ before, sdist, listed, listedBefore, ...example }: ComparedExample): string {
  const short = (files: Example["files"]) =>
    Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path, text.length > 500 ? `${text.slice(0, 100)}…` : text]),
    );
  const parts = [
    exampleText({ ...example, files: short(example.files) }),
    before && `The release before:\n\n${exampleText({ ...example, files: short(before) })}`,
    sdist && `The source:\n\n${exampleText({ ecosystem: example.ecosystem, files: short(sdist) })}`,
    listed && `The index says:\n\n${codeBlock(JSON.stringify(listed), "json")}`,
    listedBefore && `and of the release before:\n\n${codeBlock(JSON.stringify(listedBefore), "json")}`,
  ];
  return parts.filter((part) => part !== undefined).join("\n\n");
}

const INTRODUCTION = `Each is one file of \`src/inspection/detectors\`, from which its page is made; docs/adding-a-detector.md says how to write one.

A finding adds points (log-odds) to the risk of a file. A **threat** is rare in honest releases. A **capability** is common in them:
all capabilities together never make a release suspicious. Of the detectors of one **group** the strongest counts fully and the others
little, because they see one behaviour from several sides. The page behind a refusal, and \`portcullis inspect --explain\`, show what each
detector contributed.

The id is permanent: exceptions, SARIF rules and the ledger refer to it.`;

function detectorPage(detector: Detector): string {
  const { matches, passes, evasions = [] } = detector.examples;
  const facts = [
    `**${detector.title}.**`,
    `Severity ${code(detector.severity)} · class ${code(detector.class)} · group ${code(detector.group)} · ${ecosystemsOf(detector)}`,
  ];
  const variants =
    evasions.length === 0 ? [] : [`Variants that must be found as well are in the source (${evasions.length}).`];
  return page(
    detector.id,
    ...facts,
    detector.why,
    `## Found\n\n${exampleText(matches[0]!)}`,
    ...variants,
    `## Not found\n\n${exampleText(passes[0]!)}`,
    `## An exception\n\n${codeBlock(
      `portcullis exceptions add 'pkg:${detector.ecosystems[0]}/NAME@VERSION' --detector ${detector.id} --expires 30d --reason 'why'`,
    )}`,
  );
}

function exampleText({ ecosystem, form, files }: Example): string {
  const what = form === undefined ? NATIVE[ecosystem] : `${NATIVE[ecosystem]}, ${form}`;
  const blocks = Object.entries(files).map(
    ([path, text]) => `${code(shown(path))} (${what}):\n\n${codeBlock(shown(text), languageOf(path))}`,
  );
  return blocks.join("\n\n");
}

const LANGUAGES: Readonly<Record<string, string>> = {
  py: "python",
  js: "javascript",
  cjs: "javascript",
  mjs: "javascript",
  ts: "typescript",
  json: "json",
  ps1: "powershell",
  sh: "sh",
  toml: "toml",
  yml: "yaml",
  yaml: "yaml",
  props: "xml",
  targets: "xml",
  nuspec: "xml",
};

function languageOf(path: string): string {
  return LANGUAGES[/\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ""] ?? "";
}

function ecosystemsOf({ ecosystems }: Pick<Detector, "ecosystems">): string {
  return ecosystems.map((id) => NATIVE[id]).join(", ");
}

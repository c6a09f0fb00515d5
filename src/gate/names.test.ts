import assert from "node:assert/strict";
import { test } from "node:test";
import { npmTarball } from "../../test/support/archives.ts";
import { fakeUpstream } from "../../test/support/fake-upstream.ts";
import { publishNpm } from "../../test/support/publish.ts";
import { testGate } from "../../test/support/test-gate.ts";
import { recordLook } from "../catalog/projects.ts";

test("an upstream hears of no name that belongs to another or to nobody outside, however it is asked for", async (context) => {
  const [corp, open] = [await fakeUpstream(context), await fakeUpstream(context)];
  const gate = await testGate(context, {
    config: {
      private: { npm: ["@secret/*"], nuget: ["Secret.*"] },
      upstreams: [
        { name: "corp", ecosystem: "npm", url: `${corp.url}/npm/`, names: ["@corp/*"] },
        { name: "open", ecosystem: "npm", url: `${open.url}/npm/` },
        { name: "nuget", ecosystem: "nuget", url: `${open.url}/v3/index.json` },
      ],
    },
  });
  const service = (type: string) => ({ "@id": `${open.url}/${type}/`, "@type": type });
  const resources = ["SearchQueryService", "SearchAutocompleteService", "RegistrationsBaseUrl"].map(service);
  open.say("/v3/index.json", { body: JSON.stringify({ version: "3.0.0", resources }) });
  publishNpm(corp, "@corp/tool", { "1.0.0": npmTarball({ name: "@corp/tool", version: "1.0.0", files: {} }) });
  const dist = { tarball: `${corp.url}/tool.tgz`, attestations: { url: "https://example.invalid/" } };
  corp.say("/npm/@corp%2ftool", { body: JSON.stringify({ name: "@corp/tool", versions: { "1.0.0": { dist } } }) });
  corp.say("/npm/-/npm/v1/attestations/@corp%2ftool@1.0.0", { body: "{}" });
  for (const name of ["@secret%2fx", "@Secret/x", "@SECRET%2Fx"])
    for (const rest of ["", "/1.0.0", "/-/x-1.0.0.tgz"])
      assert.equal((await gate.get(`/npm/${name}${rest}`)).status, 404);
  assert.equal((await gate.get("/npm/-/npm/v1/attestations/@corp%2ftool@1.0.0")).status, 200);
  for (const text of ["@secret/payments", "scope:@corp", "tools @corp/tool", "@Corp"])
    assert.equal((await gate.get(`/npm/-/v1/search?text=${encodeURIComponent(text)}`)).status, 200);
  for (const path of ["query?q=Secret.Payments", "autocomplete?q=secret", "autocomplete?id=Secret.Payments"])
    await gate.get(`/nuget/v3/${path}`);
  assert.deepEqual(
    open.requests.filter((request) => !request.endsWith(" /v3/index.json")),
    [],
  );
  await gate.get("/npm/-/v1/search?text=corporate");
  await gate.get("/nuget/v3/query?q=secretary");
  assert.deepEqual([open.count("/npm/-/v1/search"), open.count("/SearchQueryService/")], [1, 1]);
});

test("a feed lists the names of its own upstreams alone", async (context) => {
  const corp = await fakeUpstream(context);
  const gate = await testGate(context, {
    config: {
      upstreams: [
        { name: "corp", ecosystem: "pypi", url: `${corp.url}/simple/`, names: ["corp-*"] },
        { name: "pypi", ecosystem: "pypi", url: `${corp.url}/simple/` },
      ],
      feeds: { outside: { upstreams: ["pypi"] } },
    },
  });
  for (const name of ["corp-lib", "other"])
    corp.say(`/simple/${name}/`, {
      headers: { "content-type": "application/vnd.pypi.simple.v1+json" },
      body: JSON.stringify({ meta: { "api-version": "1.0" }, name, files: [] }),
    });
  for (const path of ["/pypi/simple/corp-lib/", "/pypi/simple/other/"])
    assert.equal((await gate.get(path)).status, 200);
  const listed = async (path: string) =>
    [...(await (await gate.get(path)).text()).matchAll(/href="([^"]+)"/g)].map(([, one]) => one);
  assert.deepEqual(await listed("/pypi/simple/"), ["corp-lib/", "other/"]);
  assert.deepEqual(await listed("/f/outside/pypi/simple/"), ["other/"]);
});

test("a name that became private after it was fetched is listed no more", async (context) => {
  const gate = await testGate(context, { config: { private: { pypi: ["corp-*"] } } });
  const look = { ecosystem: "pypi", origin: "pypi", document: "0".repeat(64), validators: {} } as const;
  for (const name of ["aaa", "corp-a", "corp-b", "zzz"])
    await recordLook(gate.app, { ...look, name, sightings: [], changedBytes: [], restored: [] });
  const answer = await (await gate.get("/pypi/simple/")).text();
  assert.deepEqual(
    [...answer.matchAll(/href="([^"]+)"/g)].map(([, one]) => one),
    ["aaa/", "zzz/"],
  );
});

test("a search shows nothing that the default upstream has under names of others", async (context) => {
  const gate = await testGate(context, {
    config: { private: { npm: ["@secret/*"], nuget: ["Secret.*"] } },
  });
  const { upstream } = gate;
  const found = ["@secret/payments", "@Secret/Pay", "payments"].map((name) => ({
    package: { name, version: "9.9.9" },
  }));
  upstream.say("/npm/-/v1/search", { body: JSON.stringify({ objects: found, total: 3 }) });
  const service = (type: string) => ({ "@id": `${upstream.url}/${type}`, "@type": type });
  const resources = ["SearchQueryService", "SearchAutocompleteService"].map(service);
  upstream.say("/v3/index.json", { body: JSON.stringify({ version: "3.0.0", resources }) });
  const results = ["Secret.Payments", "Payments"].map((id) => ({ id, version: "9.9.9", versions: [] }));
  upstream.say("/SearchQueryService", { body: JSON.stringify({ totalHits: 2, data: results }) });
  upstream.say("/SearchAutocompleteService", { body: JSON.stringify({ data: results.map(({ id }) => id) }) });
  for (const path of ["/npm/-/v1/search?text=payments", "/nuget/v3/query?q=pay", "/nuget/v3/autocomplete?q=pay"]) {
    const answer = await (await gate.get(path)).text();
    assert.match(answer, /"payments"/i);
    assert.doesNotMatch(answer, /secret/i);
  }
});

test("a feed without the upstream that owns a name asks nobody else for it, and no other case of it falls through", async (context) => {
  const [corp, open] = [await fakeUpstream(context), await fakeUpstream(context)];
  const gate = await testGate(context, {
    config: {
      upstreams: [
        { name: "corp", ecosystem: "npm", url: `${corp.url}/npm/`, names: ["@corp/*"] },
        { name: "open", ecosystem: "npm", url: `${open.url}/npm/` },
      ],
      feeds: { lab: { upstreams: ["open"] } },
    },
  });
  const evil = npmTarball({ name: "@corp/tool", version: "9.9.9", files: {} });
  publishNpm(open, "@corp/tool", { "9.9.9": evil });
  publishNpm(open, "@Corp/tool", { "9.9.9": evil });
  for (const feed of ["/f/lab/npm", "/npm"])
    for (const name of ["@corp%2ftool", "@Corp%2ftool", "@CORP/tool"])
      for (const rest of ["", "/-/tool-9.9.9.tgz"])
        assert.equal((await gate.get(`${feed}/${name}${rest}`)).status, 404);
  assert.deepEqual(open.requests, []);
});

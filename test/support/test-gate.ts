import type { TestContext } from "node:test";
import type { z } from "zod";
import type { configSchema } from "../../src/config.ts";
import { startServer } from "../../src/http/server.ts";
import { type Intake, openIntake } from "../../src/intake/intake.ts";
import { openFeeds } from "../../src/policy/feeds.ts";
import { recordPolicies } from "../../src/policy/policies.ts";
import { type FakeUpstream, fakeUpstream } from "./fake-upstream.ts";
import { type TestApp, testApp } from "./test-app.ts";

/** A whole gate on loopback with one fake upstream for all three ecosystems: `/npm/`, `/simple/`, `/v3/index.json`. */
export interface TestGate {
  readonly app: TestApp;
  readonly intake: Intake;
  readonly upstream: FakeUpstream;
  /** Without trailing slash. */
  readonly url: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export interface TestGateOptions {
  readonly config?: z.input<typeof configSchema>;
  /** Other upstreams than the three usual ones, given where the fake one is. */
  readonly upstreams?: (upstream: { readonly url: string }) => NonNullable<z.input<typeof configSchema>["upstreams"]>;
  readonly databaseInFile?: boolean;
}

/** Starts a gate; everything ends with the test. */
export async function testGate(context: Pick<TestContext, "after">, options: TestGateOptions = {}): Promise<TestGate> {
  const test = lastFirst(context);
  const upstream = await fakeUpstream(test);
  const app = await testApp(test, {
    ...(options.databaseInFile && { databaseInFile: true }),
    config: {
      port: 0,
      prefetch: false,
      inspectors: 1,
      upstreams: options.upstreams?.(upstream) ?? [
        { name: "npm", ecosystem: "npm", url: `${upstream.url}/npm/` },
        { name: "pypi", ecosystem: "pypi", url: `${upstream.url}/simple/` },
        { name: "nuget", ecosystem: "nuget", url: `${upstream.url}/v3/index.json` },
      ],
      ...options.config,
    },
  });
  const feeds = openFeeds(app.config);
  await recordPolicies(app, feeds);
  const intake = openIntake(app, feeds);
  test.after(() => intake.close());
  const server = await startServer(intake);
  test.after(() => server.close());
  return {
    app,
    intake,
    upstream,
    url: server.url,
    get: (path, headers = {}) => fetch(server.url + path, { headers, redirect: "manual" }),
  };
}

/** Ends things in the opposite order of their start: the server before what it stands on. */
function lastFirst(context: Pick<TestContext, "after">): Pick<TestContext, "after"> {
  const ends: (() => unknown)[] = [];
  context.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => void ends.push(end as () => unknown) };
}

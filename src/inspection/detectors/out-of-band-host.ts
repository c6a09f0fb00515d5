import type { Detector } from "../detector.ts";
import type { SourceFile } from "../model.ts";
import { codeWith, matchInCode, sight } from "./_sight.ts";

/** Services whose purpose is to show who called: an address of theirs in a release reports each installation to a stranger. */
const HOSTS = [
  "oast.fun",
  "oast.live",
  "oast.me",
  "oast.online",
  "oast.pro",
  "oast.site",
  "oastify.com",
  "burpcollaborator.net",
  "interact.sh",
  "interactsh.com",
  "pipedream.net",
  "webhook.site",
  "typedwebhook.tools",
  "webhook-test.com",
  "requestbin.",
  "requestcatcher.com",
  "requestrepo.com",
  "dnslog.cn",
  "dnslog.pw",
  "ceye.io",
  "canarytokens.com",
  "canarytokens.org",
  "beeceptor.com",
  "hookbin.com",
  "hookb.in",
  "bxss.me",
  "xss.ht",
  "ngrok.io",
  "ngrok.app",
  "ngrok.dev",
  "ngrok-free.app",
  "ngrok-free.dev",
  "trycloudflare.com",
  "serveo.net",
  "loca.lt",
  "portmap.io",
  "localhost.run",
] as const;
/** A host of one's own at such a service, or a path of one's own on it; not the service's front page. */
const OWN_ADDRESS = new RegExp(
  `[\\w.-]{3,100}\\.(?:${HOSTS.map((host) => host.replaceAll(".", "\\.")).join("|")})[a-z]{0,5}(?![\\w.-])|(?:webhook\\.site|typedwebhook\\.tools|webhook-test\\.com|requestbin\\.[a-z]{2,5}|hookb\\.in|canarytokens\\.(?:com|org))\\/[\\w/-]{6,200}`,
  "i",
);
/** Addresses that a service itself or its documentation uses. */
const FRONT =
  /^(?:www|api|docs?|dashboard|app|cdn|status|bin|https?|your\w{0,20}|example|my-?\w{0,10}|x{3,}|subdomain|tunnel\w{0,5})\./i;

export const outOfBandHost: Detector = {
  id: "out-of-band-host",
  title: "The code calls a request-catching or tunnelling service",
  severity: "high",
  ecosystems: ["pypi", "npm", "nuget"],
  points: 5.5,
  class: "threat",
  group: "exfiltration-channel",
  why: `The code holds an address of its author's own at a service that records incoming requests (Burp Collaborator, interactsh,
pipedream, webhook.site, dnslog) or that tunnels them to a private machine (ngrok and others). Dependency-confusion probes report
whom they reached this way, and stealers send what they found.

Harmless in tools that integrate with such a service; those name its front page or let the user give the address.`,
  literals: HOSTS,
  *detect(tree) {
    for (const file of codeWith(tree, HOSTS)) {
      const match = outOfBandHostIn(file);
      if (match === undefined) continue;
      yield sight(
        file,
        match.index,
        `calls ${match[0].slice(0, 120)}, which records or forwards requests for somebody unknown`,
      );
    }
  },
  examples: {
    matches: [
      { ecosystem: "pypi", files: { "setup.py": 'import socket\nsocket.gethostbyname("x1y2z3.oast.fun")\n' } },
      { ecosystem: "npm", files: { "index.js": 'get("webhook.site/0f0f0f0f-0000-0000-0000-0f0f0f0f0f0f");\n' } },
    ],
    passes: [
      {
        ecosystem: "pypi",
        files: { "demo/a.py": '# see webhook.site/0f0f0f0f-0000\nBASE = "api.pipedream.net.example.invalid"\n' },
      },
      {
        ecosystem: "npm",
        files: { "README.md": "Try it at your-id.ngrok.io\n", "a.js": "const site = 'www.ngrok.io';\n" },
      },
    ],
    evasions: [{ ecosystem: "pypi", files: { "setup.py": 'H = "EN5S2JHQU605.M.PIPEDREAM.NET"\n' } }],
  },
};

/** The address of somebody's own at a request-catching or tunnelling service that the file holds. */
export function outOfBandHostIn(file: SourceFile): RegExpExecArray | undefined {
  if (!file.hits.hasAny(HOSTS)) return undefined;
  const match = matchInCode(file, OWN_ADDRESS);
  return match === undefined || FRONT.test(match[0]) ? undefined : match;
}

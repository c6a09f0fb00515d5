import type { AssessedRelease } from "../../src/tracking/known-releases.ts";

const CAMPAIGNS = 2;

/** One of endlessly many releases; those whose numbers differ by a multiple of two are of one campaign. */
export function campaignRelease(number: number): AssessedRelease {
  const campaign = number % CAMPAIGNS;
  const shingles = Array.from({ length: 40 }, (_, part) =>
    part < 38 ? part * 1_000 + campaign : 100_000 + number * 2 + part,
  );
  return {
    ecosystem: "pypi",
    name: `release-${number}`,
    version: "1.0",
    filename: `release-${number}-1.0.tar.gz`,
    sha256: String(number),
    own: "malicious",
    word: "malicious",
    print: {
      files: [{ path: "setup.py", digest: number + 1, tokens: 100, shingles }],
      indicators: number % 10 === 0 ? ["host:shared.example.invalid"] : [`host:c${campaign}.example.invalid`],
    },
    culprits: ["setup.py"],
  };
}

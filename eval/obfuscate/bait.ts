import type { Obfuscation } from "./obfuscation.ts";
import { type Edit, edited } from "./source.ts";
import { isHead, statementsOf } from "./statements.ts";

/** Comments, docstrings, texts and files claim that all is well. */
export const bait: Obfuscation = {
  name: "bait",
  what: "comments, docstrings, constants, README and licence that claim harmlessness, addresses of good repute, quotes and comment marks that do not end",
  python(source, random) {
    const edits = statementsOf(source).flatMap(({ first, start }, at): Edit[] =>
      isHead(source.tokens, first, at)
        ? []
        : [{ start, end: start, text: random.pick(CLAIMS) + (at < 2 ? random.pick(CONSTANTS)(random.name()) : "") }],
    );
    const isDocumented = source.tokens[0]?.kind === "string";
    const shebang = /^(?:#![^\n]{0,200}\n)?(?:#[^\n]{0,200}coding[^\n]{0,200}\n)?/.exec(source.text)![0].length;
    const head = isDocumented ? [] : [{ start: shebang, end: shebang, text: DOCSTRING }];
    return edited(source.text, [...head, ...edits]);
  },
  javascript({ text }) {
    const shebang = /^#![^\n]{0,200}\n/.exec(text)?.[0] ?? "";
    return `${shebang}/*!\n * Unit tests of the build. No network, no child processes.\n * @license MIT https://opensource.org/license/mit\n */\n${text.slice(shebang.length)}`;
  },
  around: () => [
    [
      "README.md",
      "# A small library\n\nAudited by the security team: no network access, no telemetry, nothing is executed.\n\nhttps://docs.python.org/3/ https://requests.readthedocs.io/ https://github.com/python/cpython\n",
    ],
    ["LICENSE", LICENSE],
    [
      "SECURITY.md",
      "# Security\n\nThis release was scanned and found clean. Findings here are false positives; please ignore them.\n",
    ],
    [
      "tests/test_install.py",
      '"""Tests."""\nimport unittest\n\n\nclass TestInstall(unittest.TestCase):\n    def test_nothing(self):\n        self.assertEqual(1, 1)\n',
    ],
  ],
};

const LICENSE = `MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files
(the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge,
publish, distribute, sublicense, and/or sell copies of the Software.
`;

const DOCSTRING = `"""Harmless helper for tests and examples.

This module was reviewed by the security team and is safe: it opens no connections, runs no programs and reads no secrets.
${LICENSE}
"""
`;

const CLAIMS = [
  "# This is safe: reviewed and signed off, see https://docs.python.org/3/library/\n",
  "# For testing and educational purposes only; a false positive of scanners. nosec noqa\n",
  '# """ The example below is not executed\n',
  "# /* Legacy code, disabled\n",
  "# Downloads the official toolchain from https://github.com/python/cpython, see README\n",
  "# Copyright 2020 The Python Software Foundation. Licensed under the Apache License, Version 2.0\n",
  "# Integration with Sentry, https://sentry.io, opt out with DO_NOT_TRACK=1\n",
];

const CONSTANTS: readonly ((name: string) => string)[] = [
  (name) => `${name} = "/*"\n`,
  (name) => `${name} = "https://setuptools.pypa.io/en/latest/"\n`,
  (name) => `${name} = "This package is a proof that nothing bad happens; see https://www.python.org/psf/"\n`,
  (name) => `${name} = '"""'\n`,
];

import { randomBytes } from "node:crypto";

/** Secrets that open nothing: whoever sends one on has read it. */
export interface Decoys {
  /** What a person would call it → the value that may not leave. */
  readonly values: Readonly<Record<string, string>>;
  /** Files of the home folder, by path below it. */
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/** A new set of decoys, as a developer's machine would have them; every value is random and long enough to be found again. */
export function makeDecoys(random: (bytes: number) => Buffer = randomBytes): Decoys {
  const hex = (bytes: number) => random(bytes).toString("hex");
  const values = {
    "the npm token": `npm_${hex(18)}`,
    "the PyPI token": `pypi-${hex(40)}`,
    "the GitHub token": `ghp_${hex(18)}`,
    "the AWS secret key": hex(20),
    "the SSH key": hex(48),
    "the cluster token": hex(32),
    "the browser's passwords": hex(24),
    "the wallet": hex(32),
    "the shell history": `deploy --password ${hex(12)}`,
  };
  return { values, files: filesWith(values), env: variablesWith(values) };
}

/** The decoys whose value is in `bytes`: as it is, reversed, in hex, or in base64 at any alignment. */
export function findDecoys(bytes: Buffer, values: Decoys["values"]): string[] {
  const text = bytes.toString("latin1");
  const lower = text.toLowerCase();
  return Object.keys(values).filter((name) => {
    const value = values[name]!;
    return (
      text.includes(value) ||
      text.includes([...value].reverse().join("")) ||
      lower.includes(Buffer.from(value).toString("hex")) ||
      encodings(value).some((encoded) => text.includes(encoded))
    );
  });
}

/** What base64 makes of a value that starts at byte 0, 1 or 2 of a group, without the characters that its neighbours decide. */
function encodings(value: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.from("\0".repeat(shift) + value).toString("base64");
    const inner = encoded.slice(shift === 0 ? 0 : shift + 1, encoded.length - 4);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

type Values = Readonly<Record<string, string>>;

function filesWith(values: Values): Record<string, string> {
  const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${values["the SSH key"]}\n-----END OPENSSH PRIVATE KEY-----\n`;
  return {
    ".npmrc": `//registry.example.invalid/:_authToken=${values["the npm token"]}\n`,
    ".pypirc": `[distutils]\nindex-servers = work\n\n[work]\nrepository = https://pypi.example.invalid/legacy/\nusername = __token__\npassword = ${values["the PyPI token"]}\n`,
    ".netrc": `machine git.example.invalid login dev password ${values["the GitHub token"]}\n`,
    ".git-credentials": `https://dev:${values["the GitHub token"]}@git.example.invalid\n`,
    ".config/gh/hosts.yml": `git.example.invalid:\n  oauth_token: ${values["the GitHub token"]}\n`,
    ".aws/credentials": `[default]\naws_access_key_id = AKIAEXAMPLEINVALID00\naws_secret_access_key = ${values["the AWS secret key"]}\n`,
    ".ssh/id_rsa": key,
    ".ssh/id_ed25519": key,
    ".ssh/known_hosts": "git.example.invalid ssh-ed25519 AAAA\n",
    ".kube/config": `users:\n- name: dev\n  user:\n    token: ${values["the cluster token"]}\n`,
    ".docker/config.json": `{"auths":{"docker.example.invalid":{"auth":"${Buffer.from(`dev:${values["the cluster token"]}`).toString("base64")}"}}}\n`,
    ".bash_history": `ls\ncd work\n${values["the shell history"]}\n`,
    ".config/google-chrome/Default/Login Data": `SQLite format 3\0${values["the browser's passwords"]}`,
    ".config/google-chrome/Local State": "{}",
    ".mozilla/firefox/dev.default/logins.json": `{"logins":[{"encryptedPassword":"${values["the browser's passwords"]}"}]}\n`,
    ".config/Exodus/exodus.wallet/seed.seco": values["the wallet"]!,
    ".electrum/wallets/default_wallet": `{"seed":"${values["the wallet"]}"}\n`,
    ".bashrc": "# ~/.bashrc\n",
    ".profile": "# ~/.profile\n",
    "work/app/package.json": `{"name":"app","version":"1.0.0"}\n`,
    "work/app/.env": `DATABASE_PASSWORD=${values["the cluster token"]}\n`,
  };
}

function variablesWith(values: Values): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLEINVALID00",
    AWS_SECRET_ACCESS_KEY: values["the AWS secret key"]!,
    GITHUB_TOKEN: values["the GitHub token"]!,
    NPM_TOKEN: values["the npm token"]!,
    TWINE_PASSWORD: values["the PyPI token"]!,
    CI: "true",
  };
}

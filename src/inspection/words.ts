import type { FileKind, Phase } from "./model.ts";

/** Every phase, the worst first. */
export const PHASES: readonly Phase[] = ["install", "start", "import", "call", "none"];

const KINDS: Readonly<Record<FileKind, true>> = {
  python: true,
  javascript: true,
  typescript: true,
  powershell: true,
  shell: true,
  batch: true,
  msbuild: true,
  nuspec: true,
  xml: true,
  json: true,
  toml: true,
  ini: true,
  yaml: true,
  gyp: true,
  markdown: true,
  html: true,
  pth: true,
  executable: true,
  dotnet: true,
  pyc: true,
  archive: true,
  image: true,
  text: true,
  binary: true,
};

/** Every kind of file. */
export const FILE_KINDS = Object.keys(KINDS) as readonly FileKind[];

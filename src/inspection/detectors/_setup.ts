import type { SourceFile } from "../model.ts";

/** Whether the file is a setup script or something that runs only because of one: Python that runs at install. */
export function isSetup(file: SourceFile): boolean {
  return file.kind === "python" && (file.phase === "install" || /(?:^|\/)setup\.py$/.test(file.path));
}

import type { Deed } from "../behaviour/trace.ts";
import type { SourceFile } from "../model.ts";

/** Whether the file is a setup script or something that runs only because of one: Python that runs at install. */
export function isSetup(file: SourceFile): boolean {
  return file.kind === "python" && file.phase === "install";
}

/** Whether installing runs the deed, rather than a command of the setup script that only a person asks for. */
export function runsAtInstall({ phase }: Pick<Deed, "phase">): boolean {
  return phase === "install";
}

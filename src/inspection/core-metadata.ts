import { isMember } from "./detectors/_sight.ts";
import type { ReleaseTree } from "./model.ts";

/** Bytes of a wheel's METADATA that is taken out of it; larger ones stay inside. */
export const CORE_METADATA_BYTES = 512 << 10;

/**
 * The METADATA of a wheel, byte for byte, so that an index may offer it beside the wheel (PEP 658). undefined for other
 * artifacts, and for wheels in which two readers might find different ones.
 */
export function coreMetadataOf({ form, files }: ReleaseTree): Buffer | undefined {
  if (form !== "wheel") return undefined;
  const folders = new Set(files.filter(isMember).flatMap(({ path }) => /^([^/]+\.dist-info)\//i.exec(path)?.[1] ?? []));
  const [folder] = folders;
  const found = files.find((file) => isMember(file) && file.path === `${folder}/METADATA`);
  return folders.size === 1 && found && found.bytes.length <= CORE_METADATA_BYTES ? found.bytes : undefined;
}

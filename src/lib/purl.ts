import { PackageURL } from "packageurl-js";

/** A package URL in the members that registries use (https://github.com/package-url/purl-spec). */
export interface Purl {
  /** `npm`, `pypi`, `nuget`, …, lower case. */
  readonly type: string;
  /** With the scope in front: `@scope/name`. */
  readonly name: string;
  readonly version?: string;
  /** One file of the version: the qualifier `file_name`. */
  readonly filename?: string;
}

/** Longer texts are no package URL: real ones are below 300 characters. */
const MAX_LENGTH = 2_000;

/** A package URL from its text, names normalised as its type demands; undefined when it is none. */
export function readPurl(text: string): Purl | undefined {
  if (text.length > MAX_LENGTH || !text.startsWith("pkg:")) return undefined;
  try {
    const { type, namespace, name, version, qualifiers } = PackageURL.fromString(text);
    const filename = qualifiers?.["file_name"];
    return {
      type,
      name: namespace ? `${namespace}/${name}` : name,
      ...(version ? { version } : {}),
      ...(filename ? { filename } : {}),
    };
  } catch {
    return undefined;
  }
}

/** The canonical text. Throws when a member is not possible for the type. */
export function writePurl({ type, name, version, filename }: Purl): string {
  const slash = name.lastIndexOf("/");
  const namespace = slash > 0 ? name.slice(0, slash) : undefined;
  const qualifiers = filename === undefined ? undefined : { file_name: filename };
  return new PackageURL(type, namespace, name.slice(slash + 1), version, qualifiers, undefined).toString();
}

import { refuse } from "../../errors.ts";

/** NuGet's own rule (PackageIdValidator) in ASCII: unicode look-alikes such as a Cyrillic `а` are refused. */
const NAME = /^[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*$/;
const MAX_LENGTH = 100;

/** The id in lower case. Throws INVALID_NAME for more than 100 characters and for anything but ASCII letters, digits, `_`, and single `.` or `-` between them. */
export function normalizeName(name: string): string {
  if (name.length > MAX_LENGTH || !NAME.test(name))
    throw refuse("INVALID_NAME", { name: printable(name), ecosystem: "NuGet" });
  return name.toLowerCase();
}

/** The name of a version's file: `id.version.nupkg`, both in the form that URLs have. */
export function fileNameOf(name: string, version: string): string {
  return `${name}.${version}.nupkg`;
}

function printable(name: string): string {
  return JSON.stringify(name.slice(0, 120)).replace(/[^\x20-\x7e]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

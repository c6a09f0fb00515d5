import { SaxesParser } from "saxes";

/** A NuGet.Config as it is merged: what it clears, adds and disables, in its order. */
export interface NugetConfig {
  readonly clears: boolean;
  readonly sources: ReadonlyMap<string, string>;
  readonly clearsDisabled: boolean;
  readonly disabled: ReadonlySet<string>;
}

/** What a NuGet.Config says of sources; undefined when it is not well-formed. */
export function readNugetSources(text: string): NugetConfig | undefined {
  const sources = new Map<string, string>();
  const disabled = new Set<string>();
  const found = { clears: false, clearsDisabled: false };
  const path: string[] = [];
  const parser = new SaxesParser();
  let failed = false;
  parser.on("error", () => {
    failed = true;
  });
  parser.on("opentag", ({ name, attributes }) => {
    path.push(name.toLowerCase());
    const key = attributes["key"] ?? "";
    const value = attributes["value"] ?? "";
    switch (path.join("/")) {
      case "configuration/packagesources/clear":
        found.clears = true;
        sources.clear();
        break;
      case "configuration/packagesources/add":
        sources.set(key, value);
        break;
      case "configuration/disabledpackagesources/clear":
        found.clearsDisabled = true;
        disabled.clear();
        break;
      case "configuration/disabledpackagesources/add":
        if (value.toLowerCase() === "true") disabled.add(key);
    }
  });
  parser.on("closetag", () => path.pop());
  parser.write(text).close();
  return failed ? undefined : { ...found, sources, disabled };
}

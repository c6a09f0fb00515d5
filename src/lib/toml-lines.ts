/**
 * The one-based line on which a TOML text sets the value at a path (table names, keys, and indexes of arrays of tables), or
 * its nearest parent that the text mentions; undefined when it mentions none of it. For error messages: reads the usual
 * forms and is not a parser. https://toml.io/en/v1.0.0
 */
export function tomlLine(text: string, path: readonly PropertyKey[]): number | undefined {
  const wanted = path.map(String);
  const best = { depth: 0, line: undefined as number | undefined };
  for (const { keys, line } of settings(text)) {
    const depth = sharedDepth(keys, wanted);
    // a longer path below the wanted one (its table's first key) also tells where it is
    if (depth > best.depth) Object.assign(best, { depth, line });
  }
  return best.line;
}

interface Setting {
  readonly keys: readonly string[];
  readonly line: number;
}

function* settings(text: string): Generator<Setting> {
  const arrays = new Map<string, number>();
  let table: readonly string[] = [];
  let quotes: string | undefined;
  let line = 0;
  for (const row of text.split("\n")) {
    line++;
    const opens = quotes === undefined;
    quotes = multilineAfter(row, quotes);
    if (!opens) continue;
    const header = /^\s*(\[\[?)([^[\]]+)\]/.exec(row);
    const key = header
      ? undefined
      : /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(row);
    if (header) {
      table = tableKeys(dottedKeys(header[2]!), header[1] === "[[", arrays);
      yield { keys: table, line };
    } else if (key) {
      yield { keys: [...table, ...dottedKeys(key[1]!)], line };
    }
  }
}

/** The delimiter of the multi-line string that is open after a row, if one is. */
function multilineAfter(row: string, open: string | undefined): string | undefined {
  let quotes = open;
  for (const [found] of row.matchAll(/"""|'''/g)) {
    if (quotes === undefined) quotes = found;
    else if (quotes === found) quotes = undefined;
  }
  return quotes;
}

/** A table's keys with the index of the array of tables that it is in or starts. */
function tableKeys(names: readonly string[], starts: boolean, arrays: Map<string, number>): readonly string[] {
  const keys: string[] = [];
  names.forEach((name, i) => {
    keys.push(name);
    const id = keys.join("\0");
    if (starts && i === names.length - 1) arrays.set(id, (arrays.get(id) ?? -1) + 1);
    const index = arrays.get(id);
    if (index !== undefined) keys.push(String(index));
  });
  return keys;
}

function dottedKeys(text: string): string[] {
  return Array.from(
    text.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g),
    ([, double, single, bare]) => double ?? single ?? bare!,
  );
}

function sharedDepth(keys: readonly string[], wanted: readonly string[]): number {
  let depth = 0;
  while (depth < wanted.length && keys[depth] === wanted[depth]) depth++;
  return depth;
}

/** A run of lines that both texts have, only the old one, or only the new one; lines are counted from 1. */
export interface LineRun {
  readonly kind: "same" | "removed" | "added";
  /** First line in the old text, and in the new one. */
  readonly oldLine: number;
  readonly newLine: number;
  readonly lines: readonly string[];
}

/** Bounds of one comparison. */
export interface DiffBounds {
  /** Lines of each text that are compared; the rest is left out. */
  readonly lines: number;
  /** Lines removed and added together; beyond it everything between the common beginning and end counts as replaced. */
  readonly edits: number;
}

/** What turns one text into another, line by line (Myers, "An O(ND) Difference Algorithm"), within bounds whatever the texts. */
export function diffLines(before: string, after: string, bounds: DiffBounds): readonly LineRun[] {
  const a = before.split("\n", bounds.lines);
  const b = after.split("\n", bounds.lines);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const middle = { a: a.slice(start, a.length - end), b: b.slice(start, b.length - end) };
  const kinds = editsOf(middle.a, middle.b, bounds.edits) ?? [
    ...middle.a.map(() => "removed" as const),
    ...middle.b.map(() => "added" as const),
  ];
  const same = (count: number) => Array.from({ length: count }, () => "same" as const);
  return runsOf([...same(start), ...kinds, ...same(end)], a, b);
}

type Kind = LineRun["kind"];

/** The shortest script, forwards; undefined when it needs more than `most` edits. */
function editsOf(a: readonly string[], b: readonly string[], most: number): readonly Kind[] | undefined {
  const reach = new Map<number, number>([[1, 0]]);
  const trace: ReadonlyMap<number, number>[] = [];
  for (let edits = 0; edits <= most; edits++) {
    trace.push(new Map(reach));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = stepFrom(reach, diagonal, edits);
      let y = x - diagonal;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      reach.set(diagonal, x);
      if (x >= a.length && y >= b.length) return backwards(trace, a.length, b.length);
    }
  }
  return undefined;
}

function stepFrom(reach: ReadonlyMap<number, number>, diagonal: number, edits: number): number {
  const [left, right] = [reach.get(diagonal - 1) ?? -1, reach.get(diagonal + 1) ?? -1];
  return diagonal === -edits || (diagonal !== edits && left < right) ? right : left + 1;
}

function backwards(trace: readonly ReadonlyMap<number, number>[], x: number, y: number): readonly Kind[] {
  const kinds: Kind[] = [];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const reach = trace[edits]!;
    const diagonal = x - y;
    const [left, right] = [reach.get(diagonal - 1) ?? -1, reach.get(diagonal + 1) ?? -1];
    const down = diagonal === -edits || (diagonal !== edits && left < right);
    // Where the snake of equal lines began: behind the step, or at the origin.
    const fromX = edits === 0 ? 0 : down ? right : left;
    const fromY = edits === 0 ? 0 : fromX - (down ? diagonal + 1 : diagonal - 1);
    const snake = edits === 0 ? 0 : down ? fromX : fromX + 1;
    for (; x > snake; x--, y--) kinds.push("same");
    if (edits > 0) kinds.push(down ? "added" : "removed");
    [x, y] = [fromX, fromY];
  }
  return kinds.reverse();
}

function runsOf(kinds: readonly Kind[], a: readonly string[], b: readonly string[]): readonly LineRun[] {
  const runs: { kind: Kind; oldLine: number; newLine: number; lines: string[] }[] = [];
  let [x, y] = [0, 0];
  for (const kind of kinds) {
    const line = kind === "added" ? b[y]! : a[x]!;
    const last = runs.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else runs.push({ kind, oldLine: x + 1, newLine: y + 1, lines: [line] });
    if (kind !== "added") x++;
    if (kind !== "removed") y++;
  }
  return runs;
}

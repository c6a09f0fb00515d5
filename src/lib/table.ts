/** One column of a text table; numbers stand to the right. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/**
 * Rows as text in aligned columns, titles above, one line feed after each line. Cells may come from anyone: whatever could move the
 * cursor or break the line is shown as `?`.
 */
export function writeTable(columns: readonly (Column | string)[], rows: readonly (readonly string[])[]): string {
  const heads = columns.map((column) => (typeof column === "string" ? { title: column } : column));
  const lines = [heads.map(({ title }) => title), ...rows.map((row) => heads.map((_, at) => oneLine(row[at] ?? "")))];
  const widths = heads.map((_, at) => lines.reduce((most, line) => Math.max(most, widthOf(line[at]!)), 0));
  return lines
    .map((line) => {
      const cells = line.map((cell, at) => pad(cell, widths[at]!, heads[at]!.align ?? "left"));
      return `${cells.join("  ").trimEnd()}\n`;
    })
    .join("");
}

/** A text without characters that could move the cursor, reorder or break a line; each is shown as `?`. */
export function oneLine(text: string): string {
  return text.replace(/\p{C}|\u2028|\u2029/gu, "?");
}

function pad(cell: string, width: number, align: "left" | "right"): string {
  const blanks = " ".repeat(width - widthOf(cell));
  return align === "right" ? blanks + cell : cell + blanks;
}

function widthOf(text: string): number {
  return [...text].length;
}

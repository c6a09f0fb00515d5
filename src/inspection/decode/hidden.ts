/** Lines of a text that are looked for, and the characters from which a line tells texts apart. */
const LINES_SOUGHT = 12;
const TELLING = 12;
const MOST_READ = 20_000;

/** Whether no line of `text` stands in `whole`: it was encoded there, not merely quoted, dedented or filled into a template. */
export function isNowhereIn(whole: string, text: string): boolean {
  const lines = text
    .slice(0, MOST_READ)
    .split("\n", 400)
    .map((line) => line.trim().slice(0, 60))
    .filter((line) => line.length >= TELLING);
  return lines.length > 0 && !lines.slice(0, LINES_SOUGHT).some((line) => whole.includes(line));
}

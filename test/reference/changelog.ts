import { COMPARISONS } from "../../src/inspection/comparisons/index.ts";
import { DETECTORS } from "../../src/inspection/detectors/index.ts";

const BEGIN = "<!-- new detectors, written by `npm run docs` -->";
const END = "<!-- end of new detectors -->";

/**
 * The changelog with the list of detectors and comparisons that no release has had yet: those that nothing else in it names. Undefined when it
 * has no place for the list.
 */
export function changelogWithDetectors(changelog: string): string | undefined {
  const [begin, end] = [changelog.indexOf(BEGIN), changelog.indexOf(END)];
  if (begin < 0 || end < begin) return undefined;
  const before = changelog.slice(0, begin + BEGIN.length);
  const after = changelog.slice(end);
  const fresh = [...DETECTORS, ...COMPARISONS].filter(({ id }) => !mentions(before, id) && !mentions(after, id));
  const list = fresh.map(({ id, title }) => `- \`${id}\`: ${title}\n`).join("");
  return `${before}\n${list}${after}`;
}

function mentions(text: string, id: string): boolean {
  return text.includes(`\`${id}\``);
}

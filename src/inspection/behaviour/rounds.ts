import { GAP, type Value, wholeText } from "../languages/value.ts";

/** Rounds of a loop whose commands are read. */
const MOST_ROUNDS = 32;
const EACH = /^\.(?:forEach|map|some|every|find|filter|flatMap)\(\)$/;

/** What a loop or a method of a list gives one after the other, as commands of one line; `…` for everything else that is not known. */
export function textOfRounds(value: Value): string {
  const list = listBehind(value);
  if (list?.kind !== "list" || list.items.length > MOST_ROUNDS) return GAP;
  const texts = list.items.flatMap((item) => wholeText(item) ?? []);
  return texts.length > 0 && texts.length === list.items.length ? texts.join("; ") : GAP;
}

function listBehind(value: Value): Value | undefined {
  if (value.kind === "mixed") return value.parts.length === 1 ? value.parts[0] : undefined;
  return value.kind === "name" && EACH.test(value.name) ? value.call?.receiver : undefined;
}

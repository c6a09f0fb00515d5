import type { Obfuscation } from "./obfuscation.ts";
import type { Random } from "./random.ts";
import { type Edit, edited } from "./source.ts";
import { isHead, statementsOf } from "./statements.ts";

/** The program drowns in harmless code, files and blanks. */
export const flood: Obfuscation = {
  name: "flood",
  what: "harmless functions between all statements, 120 modules and a large table around, statements far to the right, lines of 100 kB",
  python(source, random) {
    const statements = statementsOf(source);
    const edits = statements.flatMap(({ first, start, hasBlock, word }, at): Edit[] => {
      const isOneLine = !hasBlock && !/^(?:@|from|import|if|for|while|with|try|def|class|async|match)$/.test(word);
      if (isHead(source.tokens, first, at)) return [];
      const aside =
        isOneLine && random.below(2) === 0 ? `${random.name()} = ${random.below(99)};${" ".repeat(600)}` : "";
      const code = Array.from({ length: 1 + random.below(6) }, () => harmless(random)).join("");
      return [{ start, end: start, text: `${code}${random.below(8) === 0 ? long(random) : ""}${aside}` }];
    });
    const tail = Array.from({ length: 40 }, () => harmless(random)).join("");
    const { text } = source;
    return `${edited(text, edits)}${text.endsWith("\n") ? "" : "\n"}${tail}`;
  },
  javascript: ({ text }, random) => `${text}\n${Array.from({ length: 60 }, () => script(random)).join("")}`,
  around(random) {
    const folder = random.name();
    const modules = Array.from(
      { length: 120 },
      () => [`${folder}/${random.name()}.py`, Array.from({ length: 30 }, () => harmless(random)).join("")] as const,
    );
    const row = () => Array.from({ length: 40 }, () => random.below(100_000)).join(",");
    return [
      [`${folder}/__init__.py`, ""],
      ...modules,
      [`${folder}/table.csv`, Array.from({ length: 4_000 }, row).join("\n")],
    ];
  },
};

function harmless(random: Random): string {
  const [name, one, other] = [random.name(), random.name(), random.name()];
  const number = () => 1 + random.below(500);
  return random.pick([
    `def ${name}(${one}, ${other}=${number()}):\n    """Gives the sum of both, at least ${number()}."""\n    return max(${number()}, ${one} + ${other} * ${number()})\n\n\n`,
    `class ${name}:\n    ${one} = ${number()}\n\n    def ${other}(self, value):\n        return [value * n for n in range(self.${one})]\n\n\n`,
    `${name} = {"${one}": ${number()}, "${other}": [${number()}, ${number()}]}\n`,
    `def ${name}(${one}):\n    ${other} = []\n    for item in ${one}:\n        if item > ${number()}:\n            ${other}.append(item)\n    return ${other}\n\n\n`,
  ]);
}

function long(random: Random): string {
  return `${random.name()} = [${Array.from({ length: 20_000 }, () => random.below(1_000)).join(", ")}]\n`;
}

function script(random: Random): string {
  const [name, one] = [random.name(), random.name()];
  return `function ${name}(${one}) {\n  return ${one}.map((item) => item * ${random.below(100)});\n}\n`;
}

import type { Assembly } from "./dotnet.ts";

/** What a method does, and the own methods that it calls. */
export interface Reached {
  /** `Namespace.Type::Member` of other assemblies. */
  readonly members: ReadonlySet<string>;
  /** Rows of own methods, natively implemented ones included. */
  readonly methods: ReadonlySet<number>;
  /** String constants, in the order they were met. */
  readonly strings: readonly string[];
}

const MOST_METHODS = 400;
const DEEPEST = 6;
const MOST_CODE = 1 << 20;
const MOST_STRINGS = 2_000;

/**
 * Everything that runs, or may be called back, once `start` runs: calls are followed through own methods, six steps deep.
 * With `guesses` also to every method that a virtual call may mean, and to the static constructors of types that are touched.
 */
export function reach(assembly: Assembly, start: number, guesses = true): Reached {
  const members = new Set<string>();
  const methods = new Set([start]);
  const strings: string[] = [];
  let frontier: readonly number[] = [start];
  let budget = MOST_CODE;
  for (let depth = 0; depth < DEEPEST && frontier.length > 0; depth++) {
    const next: number[] = [];
    const follow = (row: number) => {
      if (row === 0 || methods.has(row) || methods.size >= MOST_METHODS) return;
      methods.add(row);
      next.push(row);
    };
    for (const row of frontier) {
      const body = assembly.bodyOf(row)?.subarray(0, budget);
      if (body === undefined) continue;
      budget -= body.length;
      for (const { opcode, token } of instructionsWithTokens(body)) {
        if (FIELDS.has(opcode)) {
          if (!guesses) continue;
          // Touching a type's static field runs its static constructor, where delegates and their methods are made.
          if (token >>> 24 === FIELD_TABLE)
            follow(assembly.typeInitializer(assembly.ownerOf("field", token & 0xffffff)));
          continue;
        }
        if (opcode === LDSTR) {
          if (strings.length < MOST_STRINGS) strings.push(assembly.stringAt(token & 0xffffff));
          continue;
        }
        const target = assembly.target(token);
        if (target?.kind === "method") {
          follow(target.row);
          if (guesses && assembly.bodyOf(target.row) === undefined)
            for (const row of assembly.implementations(target.row)) follow(row);
          else if (opcode === NEWOBJ) for (const row of iteratorBody(assembly, target.row)) follow(row);
        } else if (target) members.add(target.name);
        // An async method's body is in the type that it starts its builder with.
        if (target?.kind === "member" && target.name.endsWith("::Start"))
          follow(assembly.methodOfArgument(token, "MoveNext"));
      }
    }
    frontier = next;
  }
  return { members, methods, strings };
}

const LDSTR = 0x72;
const NEWOBJ = 0x73;
const FIELD_TABLE = 0x04;
/** Loads and stores of static fields. */
const FIELDS: ReadonlySet<number> = new Set([0x7e, 0x7f, 0x80]);
const CALLS: ReadonlySet<number> = new Set([0x27, 0x28, 0x6f, NEWOBJ, 0xfe06, 0xfe07, LDSTR, ...FIELDS]);

/** Whoever makes an iterator or a state machine of the compiler's will have it move. */
function iteratorBody(assembly: Assembly, made: number): readonly number[] {
  const type = (assembly.methods[made] ?? "").split("::")[0]!;
  if (!type.includes(">")) return [];
  const owner = assembly.ownerOf("method", made);
  const rows: number[] = [];
  for (let row = made; row < made + 32 && assembly.ownerOf("method", row) === owner; row++)
    if (assembly.methods[row]!.endsWith("::MoveNext")) rows.push(row);
  return rows;
}

/** Calls, object creations, method addresses and string constants of one body; stops at what is no instruction. */
export function* instructionsWithTokens(body: Buffer): Iterable<{ readonly opcode: number; readonly token: number }> {
  let at = 0;
  while (at < body.length) {
    let opcode: number = body[at++]!;
    if (opcode === 0xfe) opcode = 0xfe00 | (body[at++] ?? 0xff);
    if (opcode === 0x45) {
      if (at + 4 > body.length) return;
      at += 4 + body.readUInt32LE(at) * 4;
      continue;
    }
    const size = operandSize(opcode);
    if (size < 0 || at + size > body.length) return;
    if (CALLS.has(opcode)) yield { opcode, token: body.readUInt32LE(at) };
    at += size;
  }
}

/** Bytes that follow an opcode (ECMA-335 §III); -1 for what is none. `switch` is not asked for. */
export function operandSize(opcode: number): number {
  if (opcode >= 0xfe00) return WIDE[opcode & 0xff] ?? -1;
  return NARROW[opcode]!;
}

const NARROW: readonly number[] = sizes([
  [0, 0x00, 0x0d],
  [1, 0x0e, 0x13],
  [0, 0x14, 0x1e],
  [1, 0x1f, 0x1f],
  [4, 0x20, 0x20],
  [8, 0x21, 0x21],
  [4, 0x22, 0x22],
  [8, 0x23, 0x23],
  [0, 0x25, 0x26],
  [4, 0x27, 0x29],
  [0, 0x2a, 0x2a],
  [1, 0x2b, 0x37],
  [4, 0x38, 0x44],
  [0, 0x46, 0x6e],
  [4, 0x6f, 0x75],
  [0, 0x76, 0x76],
  [4, 0x79, 0x79],
  [0, 0x7a, 0x7a],
  [4, 0x7b, 0x81],
  [0, 0x82, 0x8b],
  [4, 0x8c, 0x8d],
  [0, 0x8e, 0x8e],
  [4, 0x8f, 0x8f],
  [0, 0x90, 0xa2],
  [4, 0xa3, 0xa5],
  [0, 0xb3, 0xba],
  [4, 0xc2, 0xc2],
  [0, 0xc3, 0xc3],
  [4, 0xc6, 0xc6],
  [4, 0xd0, 0xd0],
  [0, 0xd1, 0xdc],
  [4, 0xdd, 0xdd],
  [1, 0xde, 0xde],
  [0, 0xdf, 0xe0],
]);
const WIDE: readonly number[] = sizes([
  [0, 0x00, 0x05],
  [4, 0x06, 0x07],
  [2, 0x09, 0x0e],
  [0, 0x0f, 0x0f],
  [0, 0x11, 0x11],
  [1, 0x12, 0x12],
  [0, 0x13, 0x14],
  [4, 0x15, 0x16],
  [0, 0x17, 0x18],
  [1, 0x19, 0x19],
  [0, 0x1a, 0x1a],
  [4, 0x1c, 0x1c],
  [0, 0x1d, 0x1e],
]);

function sizes(ranges: readonly (readonly [number, number, number])[]): readonly number[] {
  const table = new Array<number>(256).fill(-1);
  for (const [size, from, to] of ranges) table.fill(size, from, to + 1);
  return table;
}

import { FROM, unknown, type Value } from "./il-values.ts";

const LARGEST_ARRAY = 1 << 16;

/** One run of one method. */
export class Frame {
  readonly row: number;
  readonly body: Buffer;
  readonly args: Value[];
  readonly stack: Value[] = [];
  readonly locals: (Value | number)[] = [];
  readonly seen: Uint8Array;
  at = 0;
  result: Value | undefined;
  popped: Value = unknown();

  constructor(row: number, body: Buffer, args: Value[]) {
    this.row = row;
    this.body = body;
    this.args = args;
    this.seen = new Uint8Array(body.length);
  }

  pop(): Value {
    this.popped = this.stack.pop() ?? unknown();
    return this.popped;
  }

  local(index: number): Value {
    const value = this.locals[index];
    return typeof value === "number" ? { number: value, from: 0 } : (value ?? unknown());
  }

  addressOfLocal(index: number): Value {
    this.locals[index] ??= unknown();
    const owner = this.local(index);
    return { place: { items: this.locals, index, owner }, from: owner.from };
  }

  jump(operand: number): boolean {
    this.at += operand;
    return this.at < 0;
  }

  /** The first offset from `start` on where no walk has been; -1 when there is none. */
  unvisited(start: number): number {
    return this.seen.indexOf(0, start);
  }
}

/** Takes the branch when what it asks is known, else leaves it. */
export function branch(frame: Frame, opcode: number, operand: number): void {
  const kind = opcode >= 0x39 ? opcode - 0x39 : opcode - 0x2c;
  const right = frame.pop();
  const known = kind < 2 ? truth(right) : compared(kind - 2, frame.pop().number, right.number);
  if (known === undefined) return;
  if (kind === 0 ? !known : known) frame.at += operand;
}

function truth(value: Value): boolean | undefined {
  return value.number === undefined ? undefined : value.number !== 0;
}

function compared(kind: number, left: number | undefined, right: number | undefined): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  return [
    left === right,
    left >= right,
    left > right,
    left <= right,
    left < right,
    left !== right,
    left >= right,
    left > right,
    left <= right,
    left < right,
  ][kind];
}

/** What an operator makes of two values; bytes combined with `xor` count as deciphered. */
export function arithmetic(opcode: number, right: Value, left: Value): Value {
  const combined = opcode === 0x61 && (left.from | right.from) !== 0 ? FROM.deciphered : 0;
  const from = left.from | right.from | combined;
  if (left.number === undefined || right.number === undefined) return unknown(from);
  const number = calculated(opcode, left.number, right.number);
  return number === undefined ? unknown(from) : { number, from };
}

function calculated(opcode: number, left: number, right: number): number | undefined {
  switch (opcode) {
    case 0x58:
    case 0xd6:
    case 0xd7:
      return (left + right) | 0;
    case 0x59:
    case 0xda:
    case 0xdb:
      return (left - right) | 0;
    case 0x5a:
    case 0xd8:
    case 0xd9:
      return Math.imul(left, right);
    case 0x5b:
    case 0x5c:
      return right === 0 ? undefined : Math.trunc(left / right);
    case 0x5d:
    case 0x5e:
      return right === 0 ? undefined : left % right;
    case 0x5f:
      return left & right;
    case 0x60:
      return left | right;
    case 0x61:
      return left ^ right;
    case 0x62:
      return left << right;
    case 0x63:
      return left >> right;
    case 0x64:
      return left >>> right;
    case 0xfe01:
      return left === right ? 1 : 0;
    case 0xfe02:
    case 0xfe03:
      return left > right ? 1 : 0;
    case 0xfe04:
    case 0xfe05:
      return left < right ? 1 : 0;
    default:
      return undefined;
  }
}

/** A number cut to a mask; a mask of zero leaves it. */
export function narrowed(value: Value, mask: number): Value {
  return value.number === undefined || mask === 0 ? value : { number: value.number & mask, from: value.from };
}

/** An array of zeros; unknown when its length is, or is above 65,536. */
export function newArray(length: number | undefined): Value {
  return length === undefined || length < 0 || length > LARGEST_ARRAY
    ? unknown()
    : { items: new Array<number>(length).fill(0), from: 0 };
}

/** The length of an array. */
export function lengthOf(array: Value): Value {
  return array.items ? { number: array.items.length, from: 0 } : unknown(array.from);
}

/** The address of an element of an array. */
export function addressOfElement(index: Value, array: Value): Value {
  if (!array.items || index.number === undefined)
    return { place: { items: [unknown(array.from)], index: 0, owner: array }, from: array.from };
  return { place: { items: array.items, index: index.number, owner: array }, from: array.from };
}

/** An element of an array. */
export function element(index: Value, array: Value): Value {
  const item = index.number === undefined ? undefined : array.items?.[index.number];
  return typeof item === "number" ? { number: item, from: array.from } : (item ?? unknown(array.from));
}

/** Stores into an array, whose sources grow by those of the value. */
export function setElement(value: Value, index: Value, array: Value): void {
  array.from |= value.from;
  if (array.items && index.number !== undefined && index.number >= 0 && index.number < array.items.length)
    array.items[index.number] = value.number ?? value;
}

/** What lies at an address. */
export function readPlace({ place, from }: Value): Value {
  const item = place!.items[place!.index];
  return typeof item === "number" ? { number: item, from } : (item ?? unknown(from));
}

/** Stores at an address; its owner gets the sources of the value. */
export function writePlace(value: Value, { place }: Value): void {
  if (!place || place.index < 0 || place.index >= Math.max(place.items.length, 1)) return;
  place.items[place.index] = value.number ?? value;
  place.owner.from |= value.from;
}

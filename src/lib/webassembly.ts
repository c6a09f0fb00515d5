/**
 * As much of an assembler for WebAssembly as a hot loop needs, so that it can be written beside the code that calls it, without a
 * build step. A piece of code is the list of its bytes, and each function here encodes one instruction with its operands before it.
 * https://webassembly.github.io/spec/core/binary/
 */

/** Encoded instructions. */
export type Code = readonly number[];

/** The value of a local variable; parameters come first. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];
/** Gives a local variable a value. */
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
/** A 32-bit constant. */
export const constant = (value: number): Code => [0x41, ...signed(value)];

export const add = binary(0x6a);
export const multiply = binary(0x6c);
export const or = binary(0x72);
export const shiftLeft = binary(0x74);
/** Unsigned comparisons, 1 or 0. */
export const less = binary(0x49);
export const atLeast = binary(0x4f);

/** The byte at `address + offset`; reading outside the memory ends the call with an error, as every access does. */
export const loadByte = (address: Code, offset: number): Code => [...address, 0x2d, 0, ...unsigned(offset)];
/** The 16-bit number at `address + offset`. */
export const loadShort = (address: Code, offset: number): Code => [...address, 0x2f, 1, ...unsigned(offset)];
/** The 32-bit number at `address + offset`. */
export const loadWord = (address: Code, offset: number): Code => [...address, 0x28, 2, ...unsigned(offset)];
/** Writes the lowest byte of `value` to `address + offset`. */
export const storeByte = (address: Code, value: Code, offset: number): Code => [
  ...address,
  ...value,
  0x3a,
  0,
  ...unsigned(offset),
];
/** Writes the 32-bit number `value` to `address + offset`. */
export const storeWord = (address: Code, value: Code, offset: number): Code => [
  ...address,
  ...value,
  0x36,
  2,
  ...unsigned(offset),
];

/** Runs `body` when `condition` is not 0. */
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, NO_RESULT, ...body, END];
/** Runs `body` as long as `condition` is not 0. */
export const repeat = (condition: Code, body: Code): Code =>
  when(condition, [0x03, NO_RESULT, ...body, ...condition, 0x0d, 0, END]);

/** Code that runs one after another. */
export const inTurn = (...codes: readonly Code[]): Code => codes.flat();

const NO_RESULT = 0x40;
const END = 0x0b;
const I32 = 0x7f;
export const PAGE = 1 << 16;

/** A loaded module. */
export interface Loaded {
  readonly memory: ArrayBuffer;
  readonly run: (...parameters: readonly number[]) => void;
}

/** Loads what `moduleOf` made. Throws where the system gives no memory for it. */
export function load(module: Uint8Array<ArrayBuffer>): Loaded {
  const { memory, run } = new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
  return { memory: memory.buffer, run };
}

/** What of the global object is used here; the types of Node.js leave it to those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
  ) => { readonly exports: { readonly memory: { readonly buffer: ArrayBuffer }; readonly run: Loaded["run"] } };
};

/**
 * A module with `pages` of memory (64 KiB each), exported as `memory`, and one function of 32-bit parameters without a result,
 * exported as `run`. `locals` counts its variables beside the parameters; they begin as 0.
 */
export function moduleOf(pages: number, parameters: number, locals: number, body: Code): Uint8Array<ArrayBuffer> {
  const code = [...list([[...unsigned(locals), I32]]), ...body, END];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, ...list(Array<Code>(parameters).fill([I32])), 0]])),
    ...section(3, list([[0]])),
    ...section(5, list([[1, ...unsigned(pages), ...unsigned(pages)]])),
    ...section(7, list([exported("memory", 2), exported("run", 0)])),
    ...section(10, list([[...unsigned(code.length), ...code]])),
  ]);
}

function binary(opcode: number): (left: Code, right: Code) => Code {
  return (left, right) => [...left, ...right, opcode];
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function exported(name: string, kind: number): Code {
  return [name.length, ...Buffer.from(name, "latin1"), kind, 0];
}

/** LEB128, seven bits a byte, lowest first. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -0x40 || rest > 0x3f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest & 0x7f];
}

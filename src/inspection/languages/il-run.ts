import type { Assembly, NativeImport } from "./dotnet.ts";
import { operandSize } from "./il.ts";
import {
  addressOfElement,
  arithmetic,
  branch,
  element,
  Frame,
  lengthOf,
  narrowed,
  newArray,
  readPlace,
  setElement,
  writePlace,
} from "./il-frame.ts";
import { callLibrary } from "./il-library.ts";
import { FROM, joined, sourcesOf, textOf, unknown, type Value } from "./il-values.ts";
import { methodsWorthRunning } from "./il-worth.ts";

/** One call of another assembly's member, with what is known of its arguments; those of a method begin with its object. */
export interface Call {
  /** `Namespace.Type::Member`; what reflection calls stands here by its own name. */
  readonly member: string;
  readonly args: readonly Value[];
  /** Row of the own method that calls. */
  readonly method: number;
  /** Called through reflection. */
  readonly hidden: boolean;
}

/** What an assembly's methods do, as far as running them on unknown input tells. */
export interface Acted {
  readonly calls: readonly Call[];
  /** Texts that came to be: neither in the heap of constants nor parts of another. */
  readonly texts: readonly string[];
  /** Rows of own methods that were not run to their end, or not at all, as a bound was reached. */
  readonly cut: ReadonlySet<number>;
}

const MOST_STEPS = 150_000;
const MOST_METHODS = 2_000;
const MOST_CALLS = 20_000;
const MOST_TEXTS = 2_000;
const DEEPEST = 8;
const MOST_RUNS = 40;
/** Of one method, so that a loop without end in one does not silence the others. */
const MOST_STEPS_OF_METHOD = 30_000;

/**
 * Runs what matters of an assembly's IL without any of its effects: constants are computed, calls noted, unknown input stays unknown.
 * Branches on what is known are taken as they would be, others are read on and then their other side. Bounded by steps, never throws
 * on damaged code. The same assembly gives the same result.
 */
export function act(assembly: Assembly): Acted {
  const machine = new Machine(assembly);
  const rows = methodsWorthRunning(assembly);
  const known = new Set(rows);
  // What runs by itself comes first, so that no number of other methods keeps it from being run here.
  const first = [assembly.moduleInitializer, ...assembly.typeInitializers].filter((row) => known.has(row));
  const order = [...new Set([...first, ...rows])];
  for (const [at, row] of order.entries()) {
    const body = assembly.bodyOf(row);
    if (body === undefined) continue;
    if (at < MOST_METHODS && machine.left > 0) machine.start(row, body);
    else machine.cut.add(row);
  }
  return { calls: machine.calls, texts: [...machine.texts], cut: machine.cut };
}

/** Stack, locals and fields while one assembly's methods are run. */
class Machine {
  readonly calls: Call[] = [];
  readonly texts = new Set<string>();
  readonly cut = new Set<number>();
  left = MOST_STEPS;
  private readonly assembly: Assembly;
  private readonly fields = new Map<number, Value>();
  private readonly runs = new Map<number, number>();
  private readonly initialized = new Set<number>();
  private readonly natives: ReadonlyMap<number, NativeImport>;

  constructor(assembly: Assembly) {
    this.assembly = assembly;
    this.natives = new Map(assembly.imports.map((native) => [native.method, native]));
  }

  start(row: number, body: Buffer): void {
    const args = Array.from({ length: 17 }, (_, index) => this.parameter(row, index));
    this.run(row, body, args, 0);
  }

  private parameter(row: number, index: number): Value {
    const { instance } = this.assembly.signature((0x06000000 | row) >>> 0);
    const name = this.assembly.parameterName(row, instance ? index - 1 : index);
    return unknown(/pass(?:word|phrase)|api_?key|secret|private_?key|mnemonic|token/i.test(name) ? FROM.parameter : 0);
  }

  /** Runs a body and returns what it returns. */
  private run(row: number, body: Buffer, args: readonly Value[], depth: number): Value {
    const times = this.runs.get(row) ?? 0;
    if (times >= MOST_RUNS || depth > DEEPEST) return unknown(sourcesOf(args));
    this.runs.set(row, times + 1);
    const frame = new Frame(row, body, [...args]);
    // What a run costs grows with the body, however little of it is walked.
    this.left -= body.length >> 8;
    const last = Math.max(0, this.left - MOST_STEPS_OF_METHOD);
    // Each round begins where no round before has been: the other sides of branches, and handlers of exceptions.
    let at = 0;
    while (at >= 0 && this.left > last) {
      this.walk(frame, at, last, depth);
      at = frame.unvisited(at);
    }
    if (this.left <= last) this.cut.add(row);
    return frame.result ?? unknown(sourcesOf(args));
  }

  private walk(frame: Frame, start: number, last: number, depth: number): void {
    frame.at = start;
    frame.stack.length = 0;
    while (frame.at >= 0 && frame.at < frame.body.length && this.left-- > last) {
      const at = frame.at;
      let opcode: number = frame.body[frame.at++]!;
      if (opcode === 0xfe) opcode = 0xfe00 | (frame.body[frame.at++] ?? 0xff);
      frame.seen[at] = 1;
      if (opcode === 0x45) {
        if (!this.switch(frame)) return;
        continue;
      }
      const size = operandSize(opcode);
      if (size < 0 || frame.at + size > frame.body.length) {
        // No instruction: the rest of the body is not code.
        frame.seen.fill(1, at);
        return;
      }
      const operand = size === 0 ? 0 : size === 8 ? 0 : frame.body.readIntLE(frame.at, size);
      frame.seen.fill(1, at, frame.at + size);
      frame.at += size;
      if (this.step(frame, opcode, operand, depth)) return;
    }
  }

  private switch(frame: Frame): boolean {
    if (frame.at + 4 > frame.body.length) return false;
    const count = frame.body.readUInt32LE(frame.at);
    const end = frame.at + 4 + count * 4;
    if (end > frame.body.length) return false;
    const chosen = frame.pop().number;
    const from = frame.at + 4;
    frame.seen.fill(1, frame.at, end);
    frame.at =
      chosen !== undefined && chosen >= 0 && chosen < count ? end + frame.body.readInt32LE(from + chosen * 4) : end;
    return true;
  }

  /** Does one instruction; true when the walk ends here. */
  private step(frame: Frame, opcode: number, operand: number, depth: number): boolean {
    const { stack } = frame;
    const push = (value: Value) => {
      if (stack.length < 1_024) stack.push(value);
    };
    if (opcode >= 0x02 && opcode <= 0x05) push(frame.args[opcode - 2] ?? unknown());
    else if (opcode >= 0x06 && opcode <= 0x09) push(frame.local(opcode - 6));
    else if (opcode >= 0x0a && opcode <= 0x0d) frame.locals[opcode - 0x0a] = frame.pop();
    else if (opcode === 0x0e || opcode === 0xfe09) push(frame.args[operand & 0xffff] ?? unknown());
    else if (opcode === 0x10 || opcode === 0xfe0b) frame.args[operand & 0xff] = frame.pop();
    else if (opcode === 0x11 || opcode === 0xfe0c) push(frame.local(operand & 0xff));
    else if (opcode === 0x13 || opcode === 0xfe0e) frame.locals[operand & 0xff] = frame.pop();
    else if (opcode === 0x12 || opcode === 0xfe0d) push(frame.addressOfLocal(operand & 0xff));
    else if (opcode === 0x0f || opcode === 0xfe0a) push(frame.args[operand & 0xff] ?? unknown());
    else if (opcode === 0x14) push(unknown());
    else if (opcode >= 0x15 && opcode <= 0x1e) push({ number: opcode - 0x16, from: 0 });
    else if (opcode === 0x1f || opcode === 0x20) push({ number: operand, from: 0 });
    else if (opcode === 0x21 || opcode === 0x22 || opcode === 0x23) push(unknown());
    else if (opcode === 0x25) push(stack.at(-1) ?? unknown());
    else if (opcode === 0x26) frame.pop();
    else if (opcode === 0x28 || opcode === 0x6f || opcode === 0x73) this.call(frame, opcode, operand >>> 0, depth);
    else if (opcode === 0x2a || opcode === 0x27) {
      const result = stack.at(-1);
      if (result && (frame.result === undefined || textOf(frame.result) === undefined)) frame.result = result;
      return true;
    } else if (opcode === 0x7a || opcode === 0xdc || opcode === 0xfe1a || opcode === 0xfe11) return true;
    else if (opcode === 0x2b || opcode === 0x38 || opcode === 0xdd || opcode === 0xde) return frame.jump(operand);
    else if ((opcode >= 0x2c && opcode <= 0x37) || (opcode >= 0x39 && opcode <= 0x44)) branch(frame, opcode, operand);
    else if ((opcode >= 0x46 && opcode <= 0x50) || opcode === 0x71)
      push(frame.pop().place ? readPlace(frame.popped) : frame.popped);
    else if ((opcode >= 0x51 && opcode <= 0x57) || opcode === 0xdf || opcode === 0x81)
      writePlace(frame.pop(), frame.pop());
    else if (
      (opcode >= 0x58 && opcode <= 0x64) ||
      (opcode >= 0xd6 && opcode <= 0xdb) ||
      (opcode >= 0xfe01 && opcode <= 0xfe05)
    )
      push(arithmetic(opcode, frame.pop(), frame.pop()));
    else if (opcode === 0x72) push({ text: this.assembly.stringAt(operand & 0xffffff), from: 0 });
    else if (opcode === 0x7b || opcode === 0x7c) {
      frame.pop();
      push(this.fields.get(operand) ?? unknown(frame.popped.from));
    } else if (opcode === 0x7d) {
      this.fields.set(operand, frame.pop());
      const object = frame.pop();
      object.from |= sourcesOf([this.fields.get(operand)]);
    } else if (opcode === 0x7e || opcode === 0x7f) push(this.staticField(operand, depth));
    else if (opcode === 0x80) this.fields.set(operand, frame.pop());
    else if (opcode === 0x8d) push(newArray(frame.pop().number));
    else if (opcode === 0x8e) push({ ...lengthOf(frame.pop()) });
    else if (opcode === 0x8f) push(addressOfElement(frame.pop(), frame.pop()));
    else if ((opcode >= 0x90 && opcode <= 0x9a) || opcode === 0xa3) push(element(frame.pop(), frame.pop()));
    else if ((opcode >= 0x9b && opcode <= 0xa2) || opcode === 0xa4) setElement(frame.pop(), frame.pop(), frame.pop());
    else if (opcode === 0xd0) push({ type: this.assembly.typeNamed(operand >>> 0), number: operand, from: 0 });
    else if (opcode === 0xfe06 || opcode === 0xfe07) {
      if (opcode === 0xfe07) frame.pop();
      const target = this.assembly.target(operand >>> 0);
      push({ member: target?.kind === "method" ? target.row : (target?.name ?? "…"), from: 0 });
    } else if (opcode === 0xfe15) frame.pop();
    else if (opcode === 0xd2 || opcode === 0x67) push(narrowed(frame.pop(), opcode === 0xd2 ? 0xff : 0));
    else if (opcode === 0xd1) push(narrowed(frame.pop(), 0xffff));
    else if (opcode === 0x29) stack.length = 0;
    else if (opcode === 0xfe1c) push(unknown());
    // Conversions, boxes and casts leave what they are given.
    return false;
  }

  private staticField(token: number, depth: number): Value {
    const owner = token >>> 24 === 0x04 ? this.assembly.ownerOf("field", token & 0xffffff) : 0;
    if (owner !== 0 && !this.fields.has(token) && !this.initialized.has(owner)) {
      this.initialized.add(owner);
      const row = this.assembly.typeInitializer(owner);
      const body = row === 0 ? undefined : this.assembly.bodyOf(row);
      if (body) this.run(row, body, [], depth + 1);
    }
    return this.fields.get(token) ?? unknown();
  }

  private call(frame: Frame, opcode: number, token: number, depth: number): void {
    const target = this.assembly.target(token);
    const signature = this.assembly.signature(token);
    const created = opcode === 0x73;
    const count = signature.params + (signature.instance && !created ? 1 : 0);
    const args: Value[] = [];
    for (let index = 0; index < count; index++) args.unshift(frame.pop());
    for (const [index, arg] of args.entries()) if (arg.place && index === 0) args[index] = readPlace(arg);
    let result: Value;
    if (target?.kind === "method")
      result = this.callOwn(frame.row, target.row, created ? [unknown(sourcesOf(args)), ...args] : args, depth);
    else result = this.callOther(frame.row, target?.name ?? "", args, signature.types, depth);
    // What an object is given, it may hand out again.
    if (signature.instance && !created && args[0]) args[0].from |= sourcesOf(args.slice(1));
    if (created) frame.stack.push(target?.kind === "method" ? unknown(sourcesOf(args)) : result);
    else if (signature.returns) frame.stack.push(result);
    if (result.text !== undefined && !args.some((arg) => arg.text === result.text)) this.note(frame.row, result.text);
    if (result.built !== undefined) this.note(frame.row, result.built);
  }

  private callOwn(caller: number, row: number, args: readonly Value[], depth: number): Value {
    const native = this.natives.get(row);
    if (native) {
      this.record({ member: `${native.library}::${native.name}`, args, method: caller, hidden: false });
      return unknown(sourcesOf(args) | (native.name === "GetClipboardData" ? FROM.clipboard : 0));
    }
    const body = this.assembly.bodyOf(row);
    return body === undefined ? unknown(sourcesOf(args)) : this.run(row, body, args, depth + 1);
  }

  private callOther(
    caller: number,
    member: string,
    args: readonly Value[],
    types: readonly number[],
    depth: number,
  ): Value {
    this.record({ member, args, method: caller, hidden: false });
    const [first] = args;
    if (member.endsWith("InitializeArray")) this.fill(first, args[1]);
    // Delegates: one is made of an object and a method, and calls it.
    if (member.endsWith("::.ctor") && typeof args[1]?.member === "number")
      return { ...unknown(), member: args[1].member };
    if (member.endsWith("::Invoke") && typeof first?.member === "number") {
      const body = this.assembly.bodyOf(first.member);
      const { instance } = this.assembly.signature((0x06000000 | first.member) >>> 0);
      if (body) return this.run(first.member, body, instance ? args : args.slice(1), depth + 1);
    }
    if (member.endsWith("::Invoke") && typeof first?.member === "string") {
      const given = itemsOf(args.at(-1));
      this.record({ member: first.member, args: given, method: caller, hidden: true });
      return callLibrary(first.member, given, []);
    }
    if (member === "System.Type::InvokeMember" && first?.type !== undefined) {
      const given = itemsOf(args.at(-1));
      this.record({ member: `${first.type}::${textOf(args[1]) ?? "…"}`, args: given, method: caller, hidden: true });
    }
    return callLibrary(member, args, types);
  }

  /** The constant bytes of an array that the compiler put into the image. */
  private fill(array: Value | undefined, handle: Value | undefined): void {
    const token = handle?.number ?? 0;
    if (!array?.items || token >>> 24 !== 0x04) return;
    const size = array.items.length;
    const bytes = this.assembly.fieldData(token & 0xffffff, size * 4);
    if (!bytes) return;
    array.from |= FROM.constant;
    // Characters take two bytes and are told by the zeros between them; integers take four.
    const step = bytes.length >= size * 2 && bytes.length > 3 && everySecondIsZero(bytes.subarray(0, size * 2)) ? 2 : 1;
    for (let index = 0; index < size && index * step < bytes.length; index++) array.items[index] = bytes[index * step]!;
  }

  private record(call: Call): void {
    if (this.calls.length >= MOST_CALLS) this.cut.add(call.method);
    else if (call.member !== "") this.calls.push(snapshot(call));
  }

  private note(row: number, text: string): void {
    if (this.texts.size >= MOST_TEXTS) this.cut.add(row);
    else if (text.length >= 4) this.texts.add(text);
  }
}

/** Arguments that reflection is given as an array. */
function itemsOf(array: Value | undefined): readonly Value[] {
  return array?.items?.slice(0, 16).map((item) => (typeof item === "number" ? unknown() : item)) ?? [];
}

/** Builders and arrays go on changing after the call. */
function snapshot(call: Call): Call {
  return { ...call, args: call.args.map((arg) => ({ ...arg, from: sourcesOf([arg]) })) };
}

function everySecondIsZero(bytes: Buffer): boolean {
  for (let at = 1; at < bytes.length; at += 2) if (bytes[at] !== 0) return false;
  return true;
}

/** A text of all that the arguments say, for looking through it. */
export function said({ args }: Call, separator = ""): string {
  return joined(args, separator).text ?? "";
}

import {
  add,
  atLeast,
  type Code,
  constant,
  get,
  inTurn,
  less,
  load,
  loadByte,
  loadShort,
  loadWord,
  moduleOf,
  multiply,
  or,
  PAGE,
  repeat,
  set,
  shiftLeft,
  storeByte,
  storeWord,
  when,
} from "../../lib/webassembly.ts";
import type { Automaton } from "./automaton.ts";

/**
 * Marks in `seen`, which begins with zeros, accepting states of the automaton, counted from the first, whose literals together are
 * those that occur in `bytes`.
 */
export type Scan = (bytes: Uint8Array, seen: Uint8Array) => void;

/** The automaton as anybody would write it: the reference for the other, and what runs where WebAssembly cannot. */
export function plainScan({ classes, next, firstAccept, shift }: Automaton): Scan {
  return (bytes, seen) => {
    let state = 0;
    for (const byte of bytes) {
      state = next[(state << shift) | classes[byte]!]!;
      if (state >= firstAccept) seen[state - firstAccept] = 1;
    }
  };
}

/** Parts of a text that are scanned in turns: a single chain of dependent loads would leave the core idle most of the time. */
const LANES = 4;
/** Bytes that are copied into the module's memory at a time; with the table they fit the second cache of common processors. */
const CHUNK = 1 << 17;

/**
 * The automaton compiled to WebAssembly, a third of the time of `plainScan`: texts are cut into chunks, chunks into lanes, and the
 * lanes are scanned in turns. What begins in one lane and ends in another is found by going on until nothing is remembered
 * of the first. Throws where the system gives no memory for it.
 */
export function compiledScan(automaton: Automaton): Scan {
  const place = placesFor(automaton);
  const { memory, run } = load(moduleOf(place.pages, 1, 2 * LANES + 1, laneLoop(automaton, place)));
  const { classes, next, depths, firstAccept, accepts, shift } = automaton;
  const all = new Uint8Array(memory);
  // Doubled, because cells of the table have two bytes: one shift less for every byte of every file.
  all.set(
    classes.map((one) => one * 2),
    place.classes,
  );
  all.set(new Uint8Array(next.buffer, next.byteOffset, next.byteLength), place.table);
  const marks = all.subarray(place.seen, place.seen + accepts.length);
  const states = new Uint32Array(memory, place.states, LANES);
  const text = all.subarray(place.text, place.text + CHUNK);

  /** Goes on from `state` at `from` until `length`, or until it remembers nothing from before; then the result is undefined. */
  function goOn(state: number, from: number, length: number, always: boolean): number | undefined {
    let now = state;
    let passed = 0;
    for (let at = from; at < length; at++) {
      if (!always && depths[now]! <= passed) return undefined;
      if (text[at] !== 0) passed++;
      now = next[(now << shift) | classes[text[at]!]!]!;
      if (now >= firstAccept) marks[now - firstAccept] = 1;
    }
    return always || depths[now]! > passed ? now : undefined;
  }

  /** Scans the first `length` bytes of the text and gives the state behind them. */
  function scanChunk(length: number, before: number): number {
    const lane = Math.floor(length / LANES);
    states.fill(0);
    states[0] = before;
    run(lane);
    // The last lane may remember less than an earlier one, when it is short or full of NULs.
    let last = goOn(states[LANES - 1]!, LANES * lane, length, true)!;
    for (let i = LANES - 2; i >= 0; i--) last = goOn(states[i]!, (i + 1) * lane, length, false) ?? last;
    return last;
  }

  return (bytes, seen) => {
    marks.fill(0);
    let state = 0;
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const chunk = bytes.length <= CHUNK ? bytes : bytes.subarray(at, at + CHUNK);
      text.set(chunk);
      state = scanChunk(chunk.length, state);
    }
    seen.set(marks);
  };
}

/** Where everything lies in the module's memory. */
interface Places {
  readonly states: number;
  readonly classes: number;
  readonly seen: number;
  readonly table: number;
  readonly text: number;
  readonly pages: number;
}

function placesFor({ next, accepts }: Automaton): Places {
  const states = 0;
  const classes = 64;
  const table = classes + 256;
  const seen = table + next.byteLength;
  const text = Math.ceil((seen + accepts.length) / 64) * 64;
  return { states, classes, table, seen, text, pages: Math.ceil((text + CHUNK) / PAGE) };
}

/** Parameter: the bytes of a lane. Each lane's state is read from `places.states` and left there. */
function laneLoop({ shift, firstAccept }: Automaton, places: Places): Code {
  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  const laneLength = get(0);
  const at = 1;
  const state = (lane: number) => 2 + lane;
  const start = (lane: number) => 2 + LANES + lane;
  const step = (lane: number): Code => {
    const byte = loadByte(add(get(at), get(start(lane))), places.text);
    const cell = or(shiftLeft(get(state(lane)), constant(shift + 1)), loadByte(byte, places.classes));
    const accepted = storeByte(get(state(lane)), constant(1), places.seen - firstAccept);
    return inTurn(
      set(state(lane), loadShort(cell, places.table)),
      when(atLeast(get(state(lane)), constant(firstAccept)), accepted),
    );
  };
  return inTurn(
    ...lanes.map((lane) => set(start(lane), multiply(laneLength, constant(lane)))),
    ...lanes.map((lane) => set(state(lane), loadWord(constant(lane * 4), places.states))),
    repeat(less(get(at), laneLength), inTurn(...lanes.map(step), set(at, add(get(at), constant(1))))),
    ...lanes.map((lane) => storeWord(constant(lane * 4), get(state(lane)), places.states)),
  );
}

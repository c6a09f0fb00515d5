import type { Random } from "./random.ts";
import type { Token } from "./source.ts";

/** One program of an archive. */
export interface Source {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Names by which other files of the archive may ask for something in this one. */
  readonly foreign: { has(name: string): boolean };
}

/** A mechanical change of an archive's text that leaves what its programs do as it was. */
export interface Obfuscation {
  readonly name: string;
  /** What it does, in half a sentence. */
  readonly what: string;
  /** The Python program, rewritten. */
  readonly python: (source: Source, random: Random) => string;
  /** The JavaScript program, rewritten; absent where that is not simple. */
  readonly javascript?: (source: Source, random: Random) => string;
  /** Files to add below the archive's top folder: path and content. */
  readonly around?: (random: Random) => readonly (readonly [string, string])[];
}

import type { EcosystemId } from "../../src/catalog/model.ts";
import type { Place } from "./place.ts";
import type { Command } from "./run-command.ts";

/** A client program that can be run on this machine. */
export interface Program {
  /** Whatever the program says its version is. */
  readonly version: string;
  /** The start of a command line: an executable and its first arguments. */
  readonly command: readonly string[];
}

/**
 * What a client must print; each text is looked for with all blanks, line breaks and frames taken out. `{purl}`, `{file}` and
 * `{name}` stand for what was asked for, `{base}` for the gate's address.
 */
export type Prints = readonly string[];

/** A real client: how it is installed, configured and run, and what it is known to print (docs/clients.md). */
export interface Client {
  readonly name: string;
  readonly ecosystem: EcosystemId;
  /** Installs the program unless the cache has it. Throws Unavailable with the reason. */
  open(): Promise<Program>;
  /** Writes manifest and configuration for an application that needs `place.needs`. */
  prepare(place: Place): void;
  /** Resolves and installs what the application needs. */
  install(place: Place, program: Program): readonly Command[];
  /** What gets a person past a first contact that failed, where installing again does not. */
  afterFirstContact?(place: Place, program: Program, name: string): readonly Command[];
  /** Installs what the lock file says. */
  installLocked(place: Place, program: Program): readonly Command[];
  /** What `install` wrote that `installLocked` reads; empty when `prepare` writes it. */
  readonly lockFiles: readonly string[];
  /** The version of a package that is really on disk. */
  installed(place: Place, name: string): string | undefined;
  readonly prints: {
    /** The version was chosen before anybody had inspected it. */
    readonly firstContact: Prints;
    /** An exact request for a version that is known to be malicious. */
    readonly exact: Prints;
    /** A dependency's range that only the withheld version matches. */
    readonly onlyWithheld: Prints;
    /** A lock file from before the version was withheld. */
    readonly locked: Prints;
  };
  /** A file whose inspection takes longer than a request waits. */
  readonly waiting: Waiting;
}

/** Whether the client comes back by itself when it is told to, and what it prints when it gives up. */
export type Waiting =
  | { readonly installs: "always" }
  | { readonly installs: "never" | "sometimes"; readonly prints: Prints };

/** A client cannot be tried here; the message says why. */
export class Unavailable extends Error {}

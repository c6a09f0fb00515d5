import type { EcosystemId } from "../../catalog/model.ts";
import type { RunClient } from "../../discovery/surroundings.ts";

/** Where a client installs from, as one of its settings says. */
export interface Source {
  /** `registry`, `extra index corp`, `registry of @corp`: what the address is to the client. */
  readonly what: string;
  /** As written; absent when nothing is configured and the client uses its own default. */
  readonly url?: string;
  /** Which setting says so and in which file, for people. */
  readonly from: string;
  /** What leads it through the gate: a command, or what to change where. `base` is the gate's URL for the ecosystem, without slash. */
  fix(base: string): string;
}

/** What one client on this machine told. */
export interface Told {
  /** Everything it installs from; empty only together with `unknown` or `unused`. */
  readonly sources: readonly Source[];
  /** What a person should know beside. */
  readonly notes?: readonly string[];
  /** Why it could not be told where it installs from. */
  readonly unknown?: string;
  /** Why it installs nothing here. */
  readonly unused?: string;
}

/** One client program: how it is found and how it is asked. */
export interface Client {
  readonly name: string;
  readonly ecosystem: EcosystemId;
  /** Programs by which it is known to be there, any of them. */
  readonly programs: readonly string[];
  ask(machine: Machine): Promise<Told>;
}

/** The machine as doctor sees it. Nothing of the project is ever run: its files are read. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's folder, absolute. */
  readonly folder: string;
  /** The user's own folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** A program on the PATH, outside the project; undefined where there is none. */
  find(program: string): string | undefined;
  /** Whether a program is on the PATH only through the project's own folders. */
  isProjectsOwn(program: string): boolean;
  /** Standard output of a program, run in the user's own folder; undefined when it is missing, fails or takes too long. */
  readonly run: RunClient;
  /** A text file; undefined when it is not there, is not readable, or is too large. */
  read(path: string): Promise<string | undefined>;
  /** Where files of these names may be for the project: its folder first, then each one above. */
  upwards(...names: readonly string[]): readonly string[];
}

/** What came of an address: it leads through the gate, past it, or that could not be told. `local` is a folder of this machine. */
export type Verdict = "through" | "bypasses" | "unknown" | "local";

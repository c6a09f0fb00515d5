import type { EcosystemId } from "../../catalog/model.ts";
import type { Verdict } from "./model.ts";

/** What came of one source of a client. */
export interface SourceReport {
  readonly what: string;
  /** Without credentials; null when the client uses its own default. */
  readonly url: string | null;
  readonly from: string;
  readonly verdict: Verdict;
  readonly feed?: string;
  readonly why?: string;
  readonly fix?: string;
}

export interface ClientReport {
  readonly client: string;
  readonly ecosystem: EcosystemId;
  /** The worst of its sources; `unused` when it installs nothing here. */
  readonly verdict: "through" | "bypasses" | "unknown" | "unused";
  readonly why?: string;
  readonly sources: readonly SourceReport[];
  readonly notes: readonly string[];
}

/** What a file of the project says that leads past the gate. */
export interface FileReport {
  readonly file: string;
  readonly line?: number;
  readonly verdict: "bypasses" | "unknown";
  /** What the file does, as a sentence. */
  readonly says: string;
  /** The address, or where the packages come from; without credentials. */
  readonly url?: string;
  readonly fix?: string;
}

export interface Report {
  readonly server: { readonly url: string; readonly ready: boolean };
  readonly verdict: "through" | "bypasses" | "unknown";
  readonly clients: readonly ClientReport[];
  readonly folder: string;
  /** Lock and settings files that were read. */
  readonly filesRead: number;
  readonly files: readonly FileReport[];
  readonly notes: readonly string[];
}

/** The worst of several: one address past the gate is enough, and what could not be told is not through. */
export function worst(verdicts: readonly string[]): "through" | "bypasses" | "unknown" {
  if (verdicts.includes("bypasses")) return "bypasses";
  return verdicts.includes("unknown") ? "unknown" : "through";
}

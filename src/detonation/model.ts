import type { EcosystemId } from "../catalog/model.ts";

/** When a step happens in the life of an installation. */
export type DetonationPhase = "install" | "start" | "import";

/** One command that a detonation runs in the sandbox. */
export interface Step {
  readonly name: string;
  readonly phase: DetonationPhase;
  readonly argv: readonly string[];
  /** Folder inside the sandbox. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a detonation runs: for the file itself, or for the harmless package that it is compared with. */
export interface Plan {
  readonly ecosystem: EcosystemId;
  /** Name of the package as its manifest says. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** Text files put into the sandbox before the first step: absolute path there → content. */
  readonly files: Readonly<Record<string, string>>;
  /** Folders of this machine that the sandbox sees read-only, beside the system's programs. */
  readonly visible: readonly string[];
  /** The artifact on this machine and where the sandbox sees it. */
  readonly artifact?: { readonly from: string; readonly to: string };
}

/** One thing that was seen to happen, in order. */
export type Event =
  | { readonly kind: "start"; readonly step: string; readonly program: string; readonly argv: readonly string[] }
  | { readonly kind: "open"; readonly step: string; readonly path: string; readonly writes: boolean }
  | { readonly kind: "remove"; readonly step: string; readonly path: string }
  | { readonly kind: "connect"; readonly step: string; readonly address: string; readonly port: number }
  | { readonly kind: "inject"; readonly step: string; readonly call: string }
  | { readonly kind: "ask"; readonly step: string; readonly name: string; readonly type: string }
  | {
      readonly kind: "send";
      readonly step: string;
      /** Name that the address was given out for, else the address. */
      readonly host: string;
      readonly port: number;
      readonly protocol: "http" | "tls" | "other";
      /** First line of what was sent: request line, server name, or its beginning. */
      readonly line: string;
      /** Decoys found in what was sent, in whatever encoding. */
      readonly decoys: readonly string[];
    }
  | {
      readonly kind: "end";
      readonly step: string;
      /** Exit code; null when a signal or the clock ended it. */
      readonly code: number | null;
      readonly timedOut: boolean;
      /** Processes that were still running when the step's own process had ended. */
      readonly left: number;
      /** The end of what it printed. */
      readonly output: string;
      /** More happened than was recorded. */
      readonly cut: boolean;
    };

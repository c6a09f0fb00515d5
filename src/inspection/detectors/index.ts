import type { Detector } from "../detector.ts";
import { buildBackendInTree } from "./build-backend-in-tree.ts";
import { chatWebhook } from "./chat-webhook.ts";
import { deletesHome } from "./deletes-home.ts";
import { downloadsAndRuns } from "./downloads-and-runs.ts";
import { editorTaskOnOpen } from "./editor-task-on-open.ts";
import { executesDecodedText } from "./executes-decoded-text.ts";
import { fetchesFromRawAddress } from "./fetches-from-raw-address.ts";
import { fetchesProgram } from "./fetches-program.ts";
import { hiddenUnicode } from "./hidden-unicode.ts";
import { importStartsProcess } from "./import-starts-process.ts";
import { importUsesNetwork } from "./import-uses-network.ts";
import { installsPackages } from "./installs-packages.ts";
import { instructsModels } from "./instructs-models.ts";
import { loadsMachineCode } from "./loads-machine-code.ts";
import { offScreenCode } from "./off-screen-code.ts";
import { outOfBandHost } from "./out-of-band-host.ts";
import { packedCode } from "./packed-code.ts";
import { persistsItself } from "./persists-itself.ts";
import { plantsAgentInstructions } from "./plants-agent-instructions.ts";
import { powershellEncodedCommand } from "./powershell-encoded-command.ts";
import { pthRunsCode } from "./pth-runs-code.ts";
import { publishesPackages } from "./publishes-packages.ts";
import { readsSecretStores } from "./reads-secret-stores.ts";
import { recordDisagrees } from "./record-disagrees.ts";
import { recordsInput } from "./records-input.ts";
import { replacesWalletAddresses } from "./replaces-wallet-addresses.ts";
import { reverseShell } from "./reverse-shell.ts";
import { sendsEnvironment } from "./sends-environment.ts";
import { sendsHostFacts } from "./sends-host-facts.ts";
import { sendsSecretFiles } from "./sends-secret-files.ts";
import { setupStartsProcess } from "./setup-starts-process.ts";
import { setupUsesNetwork } from "./setup-uses-network.ts";
import { shadowsStandardModule } from "./shadows-standard-module.ts";
import { shipsStartedProgram } from "./ships-started-program.ts";
import { startsDroppedFile } from "./starts-dropped-file.ts";
import { startsWithInterpreter } from "./starts-with-interpreter.ts";
import { weakensDefences } from "./weakens-defences.ts";
import { writesWorkflows } from "./writes-workflows.ts";

/** Every detector, once, in alphabetical order of its id. The order is part of the rule set: findings are reported in it. */
export const DETECTORS: readonly Detector[] = [
  buildBackendInTree,
  chatWebhook,
  deletesHome,
  downloadsAndRuns,
  editorTaskOnOpen,
  executesDecodedText,
  fetchesFromRawAddress,
  fetchesProgram,
  hiddenUnicode,
  importStartsProcess,
  importUsesNetwork,
  installsPackages,
  instructsModels,
  loadsMachineCode,
  offScreenCode,
  outOfBandHost,
  packedCode,
  persistsItself,
  plantsAgentInstructions,
  powershellEncodedCommand,
  pthRunsCode,
  publishesPackages,
  readsSecretStores,
  recordDisagrees,
  recordsInput,
  replacesWalletAddresses,
  reverseShell,
  sendsEnvironment,
  sendsHostFacts,
  sendsSecretFiles,
  setupStartsProcess,
  setupUsesNetwork,
  shadowsStandardModule,
  shipsStartedProgram,
  startsDroppedFile,
  startsWithInterpreter,
  weakensDefences,
  writesWorkflows,
];

import type { Detector } from "../detector.ts";
import { actsOnlyForTarget } from "./acts-only-for-target.ts";
import { analyzerReachesOut } from "./analyzer-reaches-out.ts";
import { asksRandomName } from "./asks-random-name.ts";
import { assemblyCallsByName } from "./assembly-calls-by-name.ts";
import { assemblyCarriesProgram } from "./assembly-carries-program.ts";
import { assemblyCommandsShell } from "./assembly-commands-shell.ts";
import { assemblyHoldsChannel } from "./assembly-holds-channel.ts";
import { assemblyLoadsHiddenCode } from "./assembly-loads-hidden-code.ts";
import { assemblyNamesSecretStores } from "./assembly-names-secret-stores.ts";
import { assemblySendsSecrets } from "./assembly-sends-secrets.ts";
import { assemblyServesShell } from "./assembly-serves-shell.ts";
import { assemblySettlesIn } from "./assembly-settles-in.ts";
import { assemblyStartsResource } from "./assembly-starts-resource.ts";
import { assemblyStopsAtDate } from "./assembly-stops-at-date.ts";
import { assemblySwapsAddresses } from "./assembly-swaps-addresses.ts";
import { assemblyUnreadable } from "./assembly-unreadable.ts";
import { binShadowsCommand } from "./bin-shadows-command.ts";
import { buildBackendInTree } from "./build-backend-in-tree.ts";
import { buildCommandAttacks } from "./build-command-attacks.ts";
import { buildFileCallsDotnet } from "./build-file-calls-dotnet.ts";
import { buildFileCompilesCode } from "./build-file-compiles-code.ts";
import { buildFileDownloads } from "./build-file-downloads.ts";
import { buildFileLoadsFromElsewhere } from "./build-file-loads-from-elsewhere.ts";
import { buildFileLoadsTask } from "./build-file-loads-task.ts";
import { buildFileRunsCommand } from "./build-file-runs-command.ts";
import { buildFileRunsEarly } from "./build-file-runs-early.ts";
import { buildFileUnreadable } from "./build-file-unreadable.ts";
import { buildTaskFetchesAndStarts } from "./build-task-fetches-and-starts.ts";
import { callsItselfDemonstration } from "./calls-itself-demonstration.ts";
import { channelCarriesSecrets } from "./channel-carries-secrets.ts";
import { chatBotRunsCommands } from "./chat-bot-runs-commands.ts";
import { chatWebhook } from "./chat-webhook.ts";
import { copiesMailToAuthor } from "./copies-mail-to-author.ts";
import { deletesHome } from "./deletes-home.ts";
import { dependencyByAddress } from "./dependency-by-address.ts";
import { detachesUnasked } from "./detaches-unasked.ts";
import { disguisedNames } from "./disguised-names.ts";
import { downloadsAndRuns } from "./downloads-and-runs.ts";
import { dropsAndStarts } from "./drops-and-starts.ts";
import { dropsIntoStartup } from "./drops-into-startup.ts";
import { editorTaskOnOpen } from "./editor-task-on-open.ts";
import { embedsProgram } from "./embeds-program.ts";
import { executesDecodedText } from "./executes-decoded-text.ts";
import { executesLiteral } from "./executes-literal.ts";
import { fetchesFromRawAddress } from "./fetches-from-raw-address.ts";
import { fetchesOwnRuntime } from "./fetches-own-runtime.ts";
import { fetchesProgram } from "./fetches-program.ts";
import { forwardsIntercepted } from "./forwards-intercepted.ts";
import { frontsDomain } from "./fronts-domain.ts";
import { gathersAndSends } from "./gathers-and-sends.ts";
import { gypRunsCommands } from "./gyp-runs-commands.ts";
import { hiddenExecution } from "./hidden-execution.ts";
import { hiddenUnicode } from "./hidden-unicode.ts";
import { hidesAddress } from "./hides-address.ts";
import { hidesModuleName } from "./hides-module-name.ts";
import { hooksJitCompiler } from "./hooks-jit-compiler.ts";
import { hooksWalletRequests } from "./hooks-wallet-requests.ts";
import { imitationWithoutCode } from "./imitation-without-code.ts";
import { implausibleVersion } from "./implausible-version.ts";
import { importStartsProcess } from "./import-starts-process.ts";
import { importUsesNetwork } from "./import-uses-network.ts";
import { injectsIntoProcesses } from "./injects-into-processes.ts";
import { installHookFetches } from "./install-hook-fetches.ts";
import { installHookHides } from "./install-hook-hides.ts";
import { installHookRunsInlineCode } from "./install-hook-runs-inline-code.ts";
import { installRunsHugeScript } from "./install-runs-huge-script.ts";
import { installScriptActs } from "./install-script-acts.ts";
import { installsFromAddress } from "./installs-from-address.ts";
import { installsPackages } from "./installs-packages.ts";
import { installsUnreadableSetup } from "./installs-unreadable-setup.ts";
import { instructsModels } from "./instructs-models.ts";
import { joinsShellToSocket } from "./joins-shell-to-socket.ts";
import { littleElseInside } from "./little-else-inside.ts";
import { loadsDisguisedFile } from "./loads-disguised-file.ts";
import { loadsFetchedFile } from "./loads-fetched-file.ts";
import { loadsMachineCode } from "./loads-machine-code.ts";
import { moduleInitializerActs } from "./module-initializer-acts.ts";
import { nameExtendsPopular } from "./name-extends-popular.ts";
import { nameImitatesPopular } from "./name-imitates-popular.ts";
import { obfuscatedCode } from "./obfuscated-code.ts";
import { offScreenCode } from "./off-screen-code.ts";
import { opensPageUnasked } from "./opens-page-unasked.ts";
import { outOfBandHost } from "./out-of-band-host.ts";
import { packageIdMixesScripts } from "./package-id-mixes-scripts.ts";
import { packageNameDiffers } from "./package-name-differs.ts";
import { packageScriptFetches } from "./package-script-fetches.ts";
import { packageScriptHides } from "./package-script-hides.ts";
import { packedCode } from "./packed-code.ts";
import { pageAsksForPassword } from "./page-asks-for-password.ts";
import { patchesOtherPackages } from "./patches-other-packages.ts";
import { persistsItself } from "./persists-itself.ts";
import { pipesDecodedText } from "./pipes-decoded-text.ts";
import { pipesShellToSocket } from "./pipes-shell-to-socket.ts";
import { plantsAgentInstructions } from "./plants-agent-instructions.ts";
import { plantsGitHooks } from "./plants-git-hooks.ts";
import { poisonsToolDescription } from "./poisons-tool-description.ts";
import { powershellEncodedCommand } from "./powershell-encoded-command.ts";
import { provesCodeExecution } from "./proves-code-execution.ts";
import { pthRunsCode } from "./pth-runs-code.ts";
import { publishesPackages } from "./publishes-packages.ts";
import { pushesCollectedData } from "./pushes-collected-data.ts";
import { readsSecretStores } from "./reads-secret-stores.ts";
import { recordDisagrees } from "./record-disagrees.ts";
import { recordsInput } from "./records-input.ts";
import { redirectsRegistry } from "./redirects-registry.ts";
import { replacesWalletAddresses } from "./replaces-wallet-addresses.ts";
import { reportsSecretsToChat } from "./reports-secrets-to-chat.ts";
import { reportsToFreeHost } from "./reports-to-free-host.ts";
import { requiresMisspelledName } from "./requires-misspelled-name.ts";
import { reverseShell } from "./reverse-shell.ts";
import { runsCodeAside } from "./runs-code-aside.ts";
import { runsFetchedCode } from "./runs-fetched-code.ts";
import { runsFromRawAddress } from "./runs-from-raw-address.ts";
import { runsHiddenProgram } from "./runs-hidden-program.ts";
import { runsRequestParameters } from "./runs-request-parameters.ts";
import { runsSecretScanner } from "./runs-secret-scanner.ts";
import { runsTextInWorker } from "./runs-text-in-worker.ts";
import { scrambledJavascript } from "./scrambled-javascript.ts";
import { searchesAndSendsFiles } from "./searches-and-sends-files.ts";
import { sendsCredentialsQuietly } from "./sends-credentials-quietly.ts";
import { sendsEnvironment } from "./sends-environment.ts";
import { sendsFileUnasked } from "./sends-file-unasked.ts";
import { sendsHostFacts } from "./sends-host-facts.ts";
import { sendsPageData } from "./sends-page-data.ts";
import { sendsSecretFiles } from "./sends-secret-files.ts";
import { sendsSigningKey } from "./sends-signing-key.ts";
import { sendsWalletKeys } from "./sends-wallet-keys.ts";
import { servesShell } from "./serves-shell.ts";
import { setupStartsProcess } from "./setup-starts-process.ts";
import { setupUsesNetwork } from "./setup-uses-network.ts";
import { shadowsStandardModule } from "./shadows-standard-module.ts";
import { shipsAgentHooks } from "./ships-agent-hooks.ts";
import { shipsOnlyCompiledCode } from "./ships-only-compiled-code.ts";
import { shipsStartedProgram } from "./ships-started-program.ts";
import { shrinkwrapPointsElsewhere } from "./shrinkwrap-points-elsewhere.ts";
import { spellsOutNames } from "./spells-out-names.ts";
import { startsAgentUnchecked } from "./starts-agent-unchecked.ts";
import { startsDetachedProcess } from "./starts-detached-process.ts";
import { startsDroppedFile } from "./starts-dropped-file.ts";
import { startsWithInterpreter } from "./starts-with-interpreter.ts";
import { startsWrittenFile } from "./starts-written-file.ts";
import { typeInitializerActs } from "./type-initializer-acts.ts";
import { unpicklesProgram } from "./unpickles-program.ts";
import { weakensDefences } from "./weakens-defences.ts";
import { writesWorkflows } from "./writes-workflows.ts";
import { xmlDocumentType } from "./xml-document-type.ts";

/** Every detector, once, in alphabetical order of its id. The order is part of the rule set: findings are reported in it. */
export const DETECTORS: readonly Detector[] = [
  actsOnlyForTarget,
  analyzerReachesOut,
  asksRandomName,
  assemblyCallsByName,
  assemblyCarriesProgram,
  assemblyCommandsShell,
  assemblyHoldsChannel,
  assemblyLoadsHiddenCode,
  assemblyNamesSecretStores,
  assemblySendsSecrets,
  assemblyServesShell,
  assemblySettlesIn,
  assemblyStartsResource,
  assemblyStopsAtDate,
  assemblySwapsAddresses,
  assemblyUnreadable,
  binShadowsCommand,
  buildBackendInTree,
  buildCommandAttacks,
  buildFileCallsDotnet,
  buildFileCompilesCode,
  buildFileDownloads,
  buildFileLoadsFromElsewhere,
  buildFileLoadsTask,
  buildFileRunsCommand,
  buildFileRunsEarly,
  buildFileUnreadable,
  buildTaskFetchesAndStarts,
  callsItselfDemonstration,
  channelCarriesSecrets,
  chatBotRunsCommands,
  chatWebhook,
  copiesMailToAuthor,
  deletesHome,
  dependencyByAddress,
  detachesUnasked,
  disguisedNames,
  downloadsAndRuns,
  dropsAndStarts,
  dropsIntoStartup,
  editorTaskOnOpen,
  embedsProgram,
  executesDecodedText,
  executesLiteral,
  fetchesFromRawAddress,
  fetchesOwnRuntime,
  fetchesProgram,
  forwardsIntercepted,
  frontsDomain,
  gathersAndSends,
  gypRunsCommands,
  hiddenExecution,
  hiddenUnicode,
  hidesAddress,
  hidesModuleName,
  hooksJitCompiler,
  hooksWalletRequests,
  imitationWithoutCode,
  implausibleVersion,
  importStartsProcess,
  importUsesNetwork,
  injectsIntoProcesses,
  installHookFetches,
  installHookHides,
  installHookRunsInlineCode,
  installRunsHugeScript,
  installScriptActs,
  installsFromAddress,
  installsPackages,
  installsUnreadableSetup,
  instructsModels,
  joinsShellToSocket,
  littleElseInside,
  loadsDisguisedFile,
  loadsFetchedFile,
  loadsMachineCode,
  moduleInitializerActs,
  nameExtendsPopular,
  nameImitatesPopular,
  obfuscatedCode,
  offScreenCode,
  opensPageUnasked,
  outOfBandHost,
  packageIdMixesScripts,
  packageNameDiffers,
  packageScriptFetches,
  packageScriptHides,
  packedCode,
  pageAsksForPassword,
  patchesOtherPackages,
  persistsItself,
  pipesDecodedText,
  pipesShellToSocket,
  plantsAgentInstructions,
  plantsGitHooks,
  poisonsToolDescription,
  powershellEncodedCommand,
  provesCodeExecution,
  pthRunsCode,
  publishesPackages,
  pushesCollectedData,
  readsSecretStores,
  recordDisagrees,
  recordsInput,
  redirectsRegistry,
  replacesWalletAddresses,
  reportsSecretsToChat,
  reportsToFreeHost,
  requiresMisspelledName,
  reverseShell,
  runsCodeAside,
  runsFetchedCode,
  runsFromRawAddress,
  runsHiddenProgram,
  runsRequestParameters,
  runsSecretScanner,
  runsTextInWorker,
  scrambledJavascript,
  searchesAndSendsFiles,
  sendsCredentialsQuietly,
  sendsEnvironment,
  sendsFileUnasked,
  sendsHostFacts,
  sendsPageData,
  sendsSecretFiles,
  sendsSigningKey,
  sendsWalletKeys,
  servesShell,
  setupStartsProcess,
  setupUsesNetwork,
  shadowsStandardModule,
  shipsAgentHooks,
  shipsOnlyCompiledCode,
  shipsStartedProgram,
  shrinkwrapPointsElsewhere,
  spellsOutNames,
  startsAgentUnchecked,
  startsDetachedProcess,
  startsDroppedFile,
  startsWithInterpreter,
  startsWrittenFile,
  typeInitializerActs,
  unpicklesProgram,
  weakensDefences,
  writesWorkflows,
  xmlDocumentType,
];

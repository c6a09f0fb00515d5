/** Every bound in the system. A loop over outside data takes its limit from here. Overridable under [limits] in the configuration. */
export interface Limits {
  /** Bytes of one index document from upstream, after decompression. */
  readonly indexBytes: number;
  /** Files that one project's index may list; every one costs microseconds each time that the index is written anew. */
  readonly indexFiles: number;
  /** Documents over which an upstream may spread one project's index (NuGet registration pages). */
  readonly indexPages: number;
  /** Bytes of one artifact; larger ones are withheld as unknown. */
  readonly artifactBytes: number;
  /** Bytes that one archive may unpack to, nested archives included. */
  readonly unpackedBytes: number;
  /** Entries in one archive, nested archives included. */
  readonly archiveEntries: number;
  /** Archives inside archives. */
  readonly archiveDepth: number;
  /** Unpacked bytes per packed byte, counted once `archiveRatioFrom` bytes are unpacked. */
  readonly archiveRatio: number;
  readonly archiveRatioFrom: number;
  /** Bytes of one member that lexers read; where more of a larger one would have to be read, the verdict is unknown. */
  readonly lexedBytes: number;
  /** Characters of a member path. */
  readonly pathLength: number;
  /** Findings kept per artifact, and per detector. */
  readonly findings: number;
  readonly findingsPerDetector: number;
  /** Milliseconds of processor time for one inspection, and 250 more for each MiB of the artifact, after which the process is killed and the verdict is unknown; on Windows, of any time. */
  readonly inspectionMs: number;
  /** Milliseconds that one inspection may last however busy the machine is. */
  readonly inspectionWallMs: number;
  /** Memory of one inspector process, MiB. */
  readonly inspectorMemoryMb: number;
  /** Inspections after which an inspector process is replaced. */
  readonly inspectionsPerProcess: number;
  /** Milliseconds a client's request for a file waits for its inspection before 503. */
  readonly holdMs: number;
  /** Milliseconds that a client may go without reading what waits for it; then the connection is closed. */
  readonly clientStallMs: number;
  /** Milliseconds without a byte from upstream, and for a whole index document. */
  readonly upstreamStallMs: number;
  readonly upstreamIndexMs: number;
  /** Redirects followed towards upstream. */
  readonly upstreamRedirects: number;
  /** Bytes of a request body to the API and of an imported list. */
  readonly requestBytes: number;
  readonly importBytes: number;
  /** Bytes of index documents kept in memory, as clients see them (half), as requests ask for them, and as upstream wrote them (a quarter each). */
  readonly memoryCacheBytes: number;
}

/** The bounds unless the configuration says otherwise. */
export const DEFAULT_LIMITS: Limits = {
  indexBytes: 80 << 20,
  indexFiles: 50_000,
  indexPages: 1_000,
  artifactBytes: 2 * 2 ** 30,
  unpackedBytes: 8 * 2 ** 30,
  archiveEntries: 100_000,
  archiveDepth: 6,
  archiveRatio: 100,
  archiveRatioFrom: 64 << 20,
  lexedBytes: 32 << 20,
  pathLength: 1024,
  findings: 500,
  findingsPerDetector: 20,
  inspectionMs: 30_000,
  inspectionWallMs: 300_000,
  inspectorMemoryMb: 512,
  inspectionsPerProcess: 2_000,
  holdMs: 10_000,
  clientStallMs: 60_000,
  upstreamStallMs: 20_000,
  upstreamIndexMs: 60_000,
  upstreamRedirects: 3,
  requestBytes: 4 << 20,
  importBytes: 512 << 20,
  memoryCacheBytes: 80 << 20,
};

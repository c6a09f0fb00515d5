import type { Decision, EcosystemId, ListedArtifact, ProjectListing, Subject } from "../catalog/model.ts";
import type { Refusal } from "../errors.ts";

/**
 * An ecosystem is a pure translator between one wire format and our nouns. It opens no file, socket or database: what it
 * needs is handed in (`Gate`, `UpstreamGet`). Adding one: one folder with these members and one line in index.ts
 * (docs/adding-an-ecosystem.md).
 */
export interface Ecosystem {
  readonly id: EcosystemId;
  /** Two names are one project iff equal after this (PEP 503, npm as is, NuGet lower case). Throws INVALID_NAME. */
  normalizeName(name: string): string;
  /** Order of versions by this ecosystem's rules (PEP 440, SemVer, NuGet); unparsable versions come first, by text. */
  compareVersions(a: string, b: string): number;
  /** Whether a version lies in a range in this ecosystem's own notation (`>=1,<2` · `^1.2` · `[1.0,2.0)`); `*` is every version, a plain version itself alone. */
  inRange(version: string, range: string): boolean;
  /** Whether a text is a range in this notation; rules with any other are refused when they are read, not silently without effect. */
  isRange(text: string): boolean;
  /** One range of exactly these versions and intervals; there where clients match advisories by themselves. */
  writeRange?(versions: readonly string[], intervals: readonly VersionInterval[]): string;
  /** Joins what the URL path splits (npm's `@scope/name`) and refuses what no client sends. Segments arrive percent-decoded once. */
  canonicalPath(segments: readonly string[]): readonly string[];
  readonly routes: readonly Route[];
  /** Fetches the index document(s) of one project and packs them into one `StoredDocument`; undefined = upstream says there is none. */
  readProject(get: UpstreamGet, name: string, previous: StoredDocument | undefined): Promise<ReadProject>;
  /** Our nouns from a stored document. */
  readListing(document: StoredDocument): ProjectListing;
  /** The artifact to inspect ahead of time because a resolver is likely to choose it, best first; at most 4. */
  likely(listing: ProjectListing, offered: (artifact: ListedArtifact) => boolean): readonly ListedArtifact[];
  /** One index document for clients, in the form a route names; artifact addresses point to `view.base`. */
  writeIndex(document: StoredDocument, form: string, view: IndexView): WrittenIndex;
  /** Where upstream has a side file of an artifact (`.nuspec`); without this member it is the artifact's URL and the suffix. undefined = nowhere. */
  sideUrl?(artifact: ListedArtifact, suffix: string): string | undefined;
  /** Whether the client of this User-Agent shows a reason for a withheld version it asked for exactly, and avoids it in ranges (README.md of each ecosystem has the table). */
  showsWithheld(userAgent: string): boolean;
  /** A refusal as this ecosystem's clients print it. */
  writeRefusal(refusal: Refusal, request: AskRequest): Reply;
}

/** The bytes of an upstream index document as stored on disk, with what revalidates it. */
export interface StoredDocument {
  /** Native document: packument, PEP 691 JSON, or (NuGet) our JSON of the assembled registration. UTF-8. */
  readonly body: Buffer;
  /** Validators by upstream URL, for conditional requests. */
  readonly validators: Readonly<Record<string, { readonly etag?: string; readonly lastModified?: string }>>;
}

/** What upstream says of a project: a document, that ours still holds, or that there is none. */
export type ReadProject =
  | { readonly kind: "document"; readonly document: StoredDocument }
  | { readonly kind: "unchanged" }
  | { readonly kind: "absent" };

/** A bounded GET towards the upstream that owns the name; path is relative to the upstream's URL, or absolute. Throws UPSTREAM_UNAVAILABLE. */
export type UpstreamGet = (
  pathOrUrl: string,
  options?: { readonly accept?: string; readonly etag?: string; readonly lastModified?: string },
) => Promise<UpstreamAnswer>;

export interface UpstreamAnswer {
  /** 200, 304 or 404 (410 is told as 404); every other status was thrown as UPSTREAM_UNAVAILABLE. */
  readonly status: 200 | 304 | 404;
  readonly body: Buffer;
  readonly contentType: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** After redirects. */
  readonly url: string;
}

/** How the index is to look for one feed and one kind of client. */
export interface IndexView {
  /** Absolute URL under which this feed is served, without trailing slash, e.g. `http://127.0.0.1:8321/npm`. */
  readonly base: string;
  /** Decision for each artifact of the listing. */
  decide(artifact: ListedArtifact): Decision;
  /** The page that explains why an artifact is withheld. */
  whyUrl(artifact: ListedArtifact): string;
  /** When we first saw the artifact under its digest, epoch milliseconds: its publish time where the document states none. */
  firstSeen?(artifact: ListedArtifact): number | undefined;
  /** Upstream's publish times are not believed (`trust_times = false`): clients get our first sight instead. */
  readonly distrustsTimes?: boolean;
  /** sha256 of the metadata file that inspection took out of the artifact, once it did: offered where upstream offers none. */
  coreMetadata?(artifact: ListedArtifact): string | undefined;
  /** True when the client asked is one that shows a reason for a withheld version it asked for exactly (docs/clients.md). */
  readonly showWithheld: boolean;
  /** The project's native name on this feed. */
  readonly name: string;
}

export interface WrittenIndex {
  readonly body: Buffer;
  /** Exact Content-Type. */
  readonly contentType: string;
  /** When the content last changed, epoch milliseconds, when the format tells. */
  readonly lastModified?: number;
  /** Further headers that belong to this document, such as a sentence for the terminal. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One entry of an ecosystem's protocol: method, path pattern (`/simple/:name/`), and what to do. `*rest` takes the remaining segments. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  handle(gate: Gate, request: AskRequest): Promise<Reply>;
}

/** A client's request after the mount has read it. */
export interface AskRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
  /** Query parameters; a repeated key was refused before. */
  readonly query: Readonly<Record<string, string>>;
  header(name: string): string | undefined;
  /** Bounded by limits.requestBytes, decompressed. */
  body(): Promise<Buffer>;
}

/** What one caller may do on one feed: the only door from a protocol to the rest. Throws refusals. */
export interface Gate {
  readonly ecosystem: EcosystemId;
  readonly feed: string;
  /** Absolute URL of this feed and ecosystem, without trailing slash. */
  readonly base: string;
  readonly subject: Subject;
  /** The index document of a project in one form; forms are the ecosystem's own words (`simple-json`, `full`, `abbreviated`, …). */
  index(name: string, form: string): Promise<Reply>;
  /** The listing with decisions, for forms that need no stored bytes (JSON API, search results). */
  project(name: string): Promise<GatedProject>;
  /** The artifact's bytes, inspected first; refuses with WITHHELD, BEING_INSPECTED, ARTIFACT_NOT_FOUND. */
  file(name: string, filename: string): Promise<Reply>;
  /** A side file of an artifact that upstream serves (PEP 658 metadata, provenance), offered iff the artifact is. `suffix` e.g. `.metadata`. */
  sideFile(name: string, filename: string, suffix: string): Promise<Reply>;
  /** Names known of this feed's upstreams (visited or hosted), normalised, sorted, at most `limit`. */
  names(limit: number, after?: string): Promise<readonly string[]>;
  /** Passes a GET or a small POST unchanged and bounded (search, keys, attestations) to the default upstream, or to the one that has `project`; 404 without upstream. */
  passThrough(
    pathOrUrl: string,
    options?: {
      readonly accept?: string;
      readonly method?: "GET" | "POST";
      readonly body?: Buffer;
      readonly contentType?: string;
      readonly project?: string;
    },
  ): Promise<UpstreamAnswer>;
  /** Whether a search speaks of names that belong to another than the default upstream, which must not hear of them. */
  namesOthers?(text: string): boolean;
  /** Whether a name, normalised, belongs to another than the default upstream, whose search says nothing true of it. */
  belongsElsewhere?(name: string): boolean;
  /** Advisories that match versions of names, for audit endpoints. */
  advisories(names: Readonly<Record<string, readonly string[]>>): Promise<readonly AdvisoryMatch[]>;
  /** Every advisory of this ecosystem in the order of its id, at most `limit`, `versions` as far as they are known; for protocols whose clients match by themselves. */
  everyAdvisory?(limit: number): Promise<readonly AdvisoryMatch[]>;
  /** The files this feed has fetched, oldest first, those before `skip` left out, at most `limit`; entries never move. For append-only catalogs. */
  fetched?(skip: number, limit: number): Promise<readonly FetchedArtifact[]>;
}

/** One file that a feed has fetched and inspected. */
export interface FetchedArtifact {
  readonly name: string;
  readonly filename: string;
  readonly version: string;
  readonly sha256: string;
  readonly size: number;
  /** Epoch milliseconds. */
  readonly fetchedAt: number;
}

/** A project with what the gate decides about each of its artifacts. */
export interface GatedProject {
  readonly name: string;
  readonly listing: ProjectListing;
  readonly document: StoredDocument;
  readonly view: IndexView;
}

/** Versions from `introduced` (`0` = from the first) to before `fixed`, or up to `lastAffected`, or without end (OSV). */
export interface VersionInterval {
  readonly introduced: string;
  readonly fixed?: string;
  readonly lastAffected?: string;
}

export interface AdvisoryMatch {
  readonly id: string;
  readonly name: string;
  readonly versions: readonly string[];
  readonly kind: "malicious" | "vulnerable";
  readonly severity: "low" | "moderate" | "high" | "critical";
  readonly title: string;
  readonly url: string;
  /** In the ecosystem's own range notation: the versions that were asked about, or all that are concerned. */
  readonly range: string;
  /** Epoch milliseconds. */
  readonly updatedAt: number;
}

/** An answer as data; the http layer adds conditional requests, ranges, compression, HEAD and Date. */
export interface Reply {
  readonly status: number;
  /** Reason phrase on HTTP/1.1: printable latin1, at most 200 characters. */
  readonly reason?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | string | FileBody | PreparedBody;
}

/** A stored file, served with ranges. */
export interface FileBody {
  readonly kind: "file";
  readonly path: string;
  readonly size: number;
  /** When it was last written, epoch milliseconds; a file that was written since then is not sent. */
  readonly writtenAt: number;
  /** Strong validator without quotes. */
  readonly etag: string;
}

/** A document kept ready in its encodings. */
export interface PreparedBody {
  readonly kind: "prepared";
  /** Strong validator of the identity encoding, without quotes; other encodings add `-gz`, `-br`. */
  readonly etag: string;
  readonly identity: Buffer;
  readonly gzip?: Buffer;
  /** Whether the same request may still be answered with it; absent = only this once. */
  readonly isCurrent?: () => boolean;
}

/**
 * Every refusal a caller can meet: code, status, sentence, hint. `docs/reference/errors.md` is generated from this table.
 * A refusal is an expected "no" and is thrown with `refuse`; bugs are ordinary errors and end as `INTERNAL` at the boundary.
 */

interface RefusalKind {
  readonly status: number;
  /** What happened, with `{param}` places; one sentence, no final stop needed in terminals. */
  readonly says: string;
  /** What the caller can do about it. */
  readonly hint?: string;
}

/** Every refusal by its code, which is public and stable. */
export const REFUSALS = {
  // asking
  NOT_FOUND: { status: 404, says: "There is nothing at {what}" },
  PROJECT_NOT_FOUND: { status: 404, says: "{name} is not known on the feed {feed}" },
  ARTIFACT_NOT_FOUND: { status: 404, says: "{name} has no file {filename} on the feed {feed}" },
  FEED_NOT_FOUND: {
    status: 404,
    says: "There is no feed {feed}",
    hint: "Feeds are declared in the configuration under [feeds].",
  },
  INVALID_NAME: { status: 400, says: "{name} is not a valid {ecosystem} name" },
  INVALID_PATH: { status: 400, says: "The address is malformed: {why}" },
  METHOD_NOT_ALLOWED: { status: 405, says: "{method} is not possible at this address" },
  BAD_REQUEST: { status: 400, says: "{why}" },
  NOT_JSON: {
    status: 415,
    says: "The body is not declared to be JSON",
    hint: "Send it with content-type: application/json.",
  },
  TOO_LARGE: { status: 413, says: "{what} is larger than the limit of {limit}" },
  UNSUPPORTED: { status: 501, says: "{what} is not supported" },
  // who asks
  TOKEN_REQUIRED: {
    status: 401,
    says: "This needs a token",
    hint: "Create one with: portcullis token create --name NAME --kind ci",
  },
  TOKEN_INVALID: { status: 401, says: "The token is not known, has expired or was revoked" },
  FORBIDDEN: { status: 403, says: "The token {name} may not {action}" },
  // withheld
  WITHHELD: { status: 403, says: "{sentence}", hint: "{url}" },
  BEING_INSPECTED: {
    status: 503,
    says: "Portcullis is inspecting {filename} before its first install; about {seconds} s left, please try again",
  },
  // upstream
  UPSTREAM_UNAVAILABLE: {
    status: 502,
    says: "The upstream registry {upstream} did not give a usable answer for {what}: {why}",
    hint: "This is not the same as not found: the project may well exist.",
  },
  NO_UPSTREAM: {
    status: 404,
    says: "The feed {feed} has no upstream registry, so {name} cannot be fetched",
    hint: "Start with --upstream-{ecosystem} URL or set upstream.{ecosystem} in the configuration.",
  },
  // the program itself
  CONFIG_INVALID: { status: 500, says: "{where}: {why}" },
  DATA_LOCKED: {
    status: 500,
    says: "The data folder {folder} is in use by another process ({pid})",
    hint: "Stop that process, or use another --data folder.",
  },
  DATA_NEWER: {
    status: 500,
    says: "The data folder was written by a newer Portcullis (schema {found}, this one knows {known})",
  },
  DATA_DAMAGED: {
    status: 500,
    says: "The database {file} is damaged: {why}",
    hint: "Move the data folder away and restore the last backup with: portcullis restore FILE",
  },
  DATA_EXISTS: {
    status: 409,
    says: "The data folder {folder} is not empty",
    hint: "A backup is restored into a new or empty folder: use another --data, or move the old one away.",
  },
  BACKUP_DAMAGED: { status: 400, says: "The backup cannot be restored: {why}" },
  DISK_FULL: { status: 507, says: "There is no room left on the disk for {what}" },
  SERVER_UNREACHABLE: {
    status: 503,
    says: "No Portcullis server answers at {url}: {why}",
    hint: "Start one with: portcullis serve",
  },
  USAGE: { status: 400, says: "{why}" },
  INTERNAL: { status: 500, says: "Something went wrong inside Portcullis (reference {reference})" },
} as const satisfies Record<string, RefusalKind>;

export type RefusalCode = keyof typeof REFUSALS;

/** Values for the `{places}` of a refusal's sentence. */
export type RefusalParams = Readonly<Record<string, string | number>>;

/** An expected "no", with everything a protocol needs to say it. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly params: RefusalParams;
  readonly status: number;
  readonly hint: string | undefined;
  /** Seconds after which asking again makes sense. */
  readonly retryAfter: number | undefined;

  constructor(code: RefusalCode, params: RefusalParams, retryAfter?: number) {
    const kind: RefusalKind = REFUSALS[code];
    super(fill(kind.says, params));
    this.name = "Refusal";
    this.code = code;
    this.params = params;
    this.status = kind.status;
    this.hint = kind.hint === undefined ? undefined : fill(kind.hint, params);
    this.retryAfter = retryAfter;
  }
}

/** The refusal `code` with its sentence filled in; throw it. */
export function refuse(code: RefusalCode, params: RefusalParams = {}, retryAfter?: number): Refusal {
  return new Refusal(code, params, retryAfter);
}

function fill(sentence: string, params: RefusalParams): string {
  return sentence.replace(/\{(\w+)\}/g, (place, key: string) => (key in params ? String(params[key]) : place));
}

import { Readable } from "node:stream";
import type { Command as Program } from "commander";
import { z } from "zod";
import { REFUSALS, type RefusalCode, refuse } from "../errors.ts";
import { readSecretFile, type Secret } from "../lib/secret.ts";
import { connectionVariables, loadSettings } from "../load-config.ts";
import { adminTokenFile } from "../open-app.ts";
import { announcedServer } from "../server-address.ts";

/** Options of commands that speak to a running server. */
export interface ConnectionOptions {
  readonly data?: string;
  readonly config?: string;
  readonly url?: string;
  readonly tokenFile?: string;
}

/** The API of a running server, as one caller with one token. */
export interface ServerConnection {
  readonly url: string;
  /** Asks the API; `path` is below `/api/v1`. Throws the server's own refusal, or SERVER_UNREACHABLE. */
  ask(method: ApiMethod, path: string, body?: unknown): Promise<unknown>;
  /** The same for an answer that is a stream of bytes. */
  stream(method: ApiMethod, path: string, signal?: AbortSignal): Promise<Readable>;
}

type ApiMethod = "GET" | "POST" | "DELETE";

/** Declares the options that `connect` reads. */
export function addConnectionOptions(program: Program): Program {
  return program
    .option("--data <DIR>", "data folder of the server: its URL and token are read there (default: ./data)")
    .option("--config <FILE>", "configuration file that names the data folder")
    .option("--url <URL>", "URL of the server (default: the one that has the data folder)")
    .option("--token-file <FILE>", "file with the token (default: DATA/admin-token)");
}

/** Finds the server and the token: options, then PORTCULLIS_URL, PORTCULLIS_TOKEN(_FILE), then the data folder. Asks nothing yet. */
export async function connect(options: ConnectionOptions): Promise<ServerConnection> {
  const { config } = await loadSettings({
    ...(options.data !== undefined && { data: options.data }),
    ...(options.config !== undefined && { config: options.config }),
  });
  const variables = connectionVariables();
  const configured = config.public_url ?? `${config.tls ? "https" : "http"}://${config.host}:${config.port}`;
  const url = options.url ?? variables.url ?? (await announcedServer(config.data)) ?? configured;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw refuse("USAGE", { why: `${url} is not an http(s) URL` });
  const token = await findToken(options.tokenFile ?? variables.tokenFile, variables.token, config.data);
  const base = `${url.replace(/\/+$/, "")}/api/v1`;
  const send = (method: ApiMethod, path: string, init: RequestInit = {}) =>
    request(url, `${base}${path}`, token, { ...init, method });
  return {
    url,
    async ask(method, path, body) {
      const json =
        body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
      const answer = await send(method, path, json);
      return answer.status === 204 ? undefined : answer.json();
    },
    async stream(method, path, signal) {
      const answer = await send(method, path, signal ? { signal } : {});
      return answer.body ? Readable.fromWeb(answer.body as never) : Readable.from([]);
    },
  };
}

async function findToken(
  file: string | undefined,
  token: Secret | undefined,
  folder: string,
): Promise<Secret | undefined> {
  if (file === undefined && token) return token;
  try {
    return await readSecretFile(file ?? adminTokenFile(folder));
  } catch (error) {
    // without a token the server says what it needs one for
    if (file === undefined) return undefined;
    throw refuse("USAGE", { why: `The token cannot be read: ${(error as Error).message}` });
  }
}

async function request(url: string, address: string, token: Secret | undefined, init: RequestInit): Promise<Response> {
  const headers = {
    accept: "application/json",
    ...init.headers,
    ...(token && { authorization: `Bearer ${token.reveal()}` }),
  };
  let answer: Response;
  try {
    answer = await fetch(address, { ...init, headers, redirect: "error" });
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    throw refuse("SERVER_UNREACHABLE", { url, why: cause?.message || message });
  }
  if (answer.ok) return answer;
  throw await refusalIn(url, answer);
}

const problemSchema = z.object({
  code: z.enum(Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]]),
  params: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});

async function refusalIn(url: string, answer: Response): Promise<Error> {
  const problem = problemSchema.safeParse(await answer.json().catch(() => undefined));
  if (problem.success) return refuse(problem.data.code, problem.data.params);
  return refuse("SERVER_UNREACHABLE", {
    url,
    why: `it answered ${answer.status} and is no Portcullis of this version`,
  });
}

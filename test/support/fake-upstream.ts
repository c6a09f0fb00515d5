import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** What a fake upstream says at a path: a whole answer, or a function that does with the response what it likes. */
export type Answer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer }
  | ((request: IncomingMessage, response: ServerResponse) => void);

/** A small server that plays an upstream registry, honest or not. */
export interface FakeUpstream {
  /** Without trailing slash. */
  readonly url: string;
  /** `METHOD path` of every request, in order. */
  readonly requests: string[];
  /** Sets or replaces what a path answers; the path is matched as it arrives, without query. */
  say(path: string, answer: Answer): void;
  /** Requests for a path so far. */
  count(path: string): number;
}

/** Starts a fake upstream that answers 404 until told otherwise; closed when the test ends. */
export async function fakeUpstream(test: Pick<TestContext, "after">): Promise<FakeUpstream> {
  const answers = new Map<string, Answer>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?")[0]!;
    requests.push(`${request.method} ${path}`);
    const answer = answers.get(path);
    if (typeof answer === "function") return answer(request, response);
    send(request, response, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    say: (path, answer) => void answers.set(path, answer),
    count: (path) => requests.filter((request) => request.endsWith(` ${path}`)).length,
  };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Exclude<Answer, (...all: never) => void> | undefined,
): void {
  const etag = answer?.headers?.["etag"];
  if (etag !== undefined && request.headers["if-none-match"] === etag) {
    response.writeHead(304, { etag });
    response.end();
    return;
  }
  response.writeHead(answer ? (answer.status ?? 200) : 404, answer?.headers ?? {});
  response.end(answer?.body ?? "");
}

import type { z } from "zod";
import { refuse } from "../errors.ts";
import type { ServerConnection } from "./server-connection.ts";

/** Asks the API for an answer of one shape. Throws the server's refusal, or SERVER_UNREACHABLE when the answer has another shape. */
export async function askFor<Answer extends z.ZodType>(
  connection: ServerConnection,
  answer: Answer,
  ...[method, path, body]: Parameters<ServerConnection["ask"]>
): Promise<z.infer<Answer>> {
  const read = answer.safeParse(await connection.ask(method, path, body));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const why = `its answer to ${method} ${path} has no usable ${issue?.path.join(".") || "form"}; is it of this version?`;
  throw refuse("SERVER_UNREACHABLE", { url: connection.url, why });
}

import { z } from "zod";
import { createToken, listTokens, revokeToken, TOKEN_KINDS } from "../../accounts/tokens.ts";
import { apiRoute } from "./route.ts";

const token = z.object({
  id: z.number().int(),
  name: z.string(),
  kind: z.enum(TOKEN_KINDS),
  createdAt: z.number(),
  createdBy: z.string(),
  expiresAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
  lastUsedAt: z.number().nullable().describe("Accurate to ten minutes."),
});

/** Who may ask: tokens of persons, CI jobs and administrators. */
export const tokenRoutes = [
  apiRoute({
    method: "GET",
    path: "/tokens",
    summary: "List tokens",
    access: "admin",
    answer: z.object({ tokens: z.array(token) }),
    handle: async ({ keeping }) => ({ tokens: [...(await listTokens(keeping.intake.app))] }),
  }),
  apiRoute({
    method: "POST",
    path: "/tokens",
    summary: "Create a token",
    access: "admin",
    status: 201,
    body: z.strictObject({
      name: z.string().describe("Who it is: a person or a CI job. Unique among live tokens."),
      kind: z.enum(TOKEN_KINDS).default("person"),
      expiresAt: z.number().int().optional().describe("Epoch milliseconds."),
    }),
    answer: z.object({ id: z.number().int(), secret: z.string().describe("Shown this once.") }),
    async handle({ keeping, body, subject }) {
      const { expiresAt, ...rest } = body;
      const made = await createToken(keeping.intake.app, {
        ...rest,
        ...(expiresAt !== undefined && { expiresAt }),
        createdBy: subject.name,
      });
      return { id: made.id, secret: made.secret.reveal() };
    },
  }),
  apiRoute({
    method: "DELETE",
    path: "/tokens/:name",
    summary: "Revoke a token",
    access: "admin",
    params: z.object({ name: z.string() }),
    async handle({ keeping, params }) {
      await revokeToken(keeping.intake.app, params.name);
    },
  }),
];

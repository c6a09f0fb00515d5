import type { Ecosystem } from "../ecosystem.ts";

export const nuget: Ecosystem = undefined as never;

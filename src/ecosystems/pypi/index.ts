import type { Ecosystem } from "../ecosystem.ts";

export const pypi: Ecosystem = undefined as never;

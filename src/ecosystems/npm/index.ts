import type { Ecosystem } from "../ecosystem.ts";

export const npm: Ecosystem = undefined as never;

import type { EcosystemId } from "../catalog/model.ts";
import type { Ecosystem } from "./ecosystem.ts";
import { npm } from "./npm/index.ts";
import { nuget } from "./nuget/index.ts";
import { pypi } from "./pypi/index.ts";

/** Every ecosystem; adding one is a folder and a line here. */
export const ECOSYSTEMS: Readonly<Record<EcosystemId, Ecosystem>> = { pypi, npm, nuget };

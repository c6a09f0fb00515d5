import type { Migration } from "kysely";
import * as firstTables from "./0001-first-tables.ts";
import * as inspectionsByName from "./0002-inspections-by-name.ts";
import * as campaigns from "./0003-campaigns.ts";
import * as forcedAddresses from "./0004-forced-addresses.ts";

/** Every change of the schema, in order of name; a released one is never edited. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-first-tables": firstTables,
  "0002-inspections-by-name": inspectionsByName,
  "0003-campaigns": campaigns,
  "0004-forced-addresses": forcedAddresses,
};

import { advisoryRoutes } from "./advisories.ts";
import { backupRoutes } from "./backup.ts";
import { campaignRoutes } from "./campaigns.ts";
import { exceptionRoutes } from "./exceptions.ts";
import { ledgerRoutes } from "./ledger.ts";
import { policyRoutes } from "./policy.ts";
import { releaseRoutes } from "./releases.ts";
import type { ApiRoute } from "./route.ts";
import { statusRoutes } from "./status.ts";
import { tokenRoutes } from "./tokens.ts";

/** Every address of the API. */
export const API_ROUTES: readonly ApiRoute[] = [
  ...statusRoutes,
  ...releaseRoutes,
  ...policyRoutes,
  ...exceptionRoutes,
  ...tokenRoutes,
  ...ledgerRoutes,
  ...advisoryRoutes,
  ...campaignRoutes,
  ...backupRoutes,
];

import { backupStream } from "../../storage/backup.ts";
import { apiRoute } from "./route.ts";

/** A copy of everything, while the server runs. */
export const backupRoutes = [
  apiRoute({
    method: "POST",
    path: "/backup",
    summary: "Make a backup as one tar file",
    access: "admin",
    async handle({ keeping, reply }) {
      return reply.type("application/x-tar").send(backupStream(keeping.intake.app));
    },
  }),
];

import { ENGINE } from "./engine.ts";
import { inspectLarge } from "./inspect.ts";
import { answerRequests } from "./worker-loop.ts";

// The whole program of an inspector process. It was started without network, other files, programs, threads and environment.
await answerRequests(ENGINE, inspectLarge);

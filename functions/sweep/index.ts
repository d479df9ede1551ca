import { cachesOf } from "@warden/worlds/caches";
import { loopFromEnvironment } from "@warden/worlds/lambda";
import { sweepHandler } from "./handler.ts";

export const handler = sweepHandler(loopFromEnvironment(), cachesOf({ client: {} }));

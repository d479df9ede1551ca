import { loopFromEnvironment } from "@warden/worlds/lambda";
import { sweepPortsOf } from "@warden/worlds/sweep-ports";
import { sweepHandler } from "./handler.ts";

export const handler = sweepHandler(loopFromEnvironment(), sweepPortsOf({ client: {} }));

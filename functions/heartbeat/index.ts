import { loopFromEnvironment } from "@warden/worlds/lambda";
import { heartbeatHandler } from "./handler.ts";

export const handler = heartbeatHandler(loopFromEnvironment());

import { laneFromEnvironment, loopFromEnvironment } from "@warden/worlds/lambda";
import { reconcileHandler } from "./handler.ts";

export const handler = reconcileHandler(laneFromEnvironment(), loopFromEnvironment());

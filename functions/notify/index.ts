import { notifierFromEnvironment } from "@warden/worlds/lambda";
import { notifyHandler } from "./handler.ts";

export const handler = notifyHandler(notifierFromEnvironment());

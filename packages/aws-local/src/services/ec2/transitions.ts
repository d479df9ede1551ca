/** Why an instance stopped or ended, in EC2's words. */
import type { Transition } from "./instance-record.ts";

export const USER_INITIATED = "User initiated";
export const SPOT_TERMINATION = "Server.SpotInstanceTermination";
export const SCHEDULED_STOP = "Server.ScheduledStop";

/** A reason may be one of EC2's codes (`Server.…`, `Client.…`); any other text stands for a call that somebody made. */
export function transitionFor(reason: string, now: number): Transition {
  const time = `${new Date(now).toISOString().slice(0, 19).replace("T", " ")} GMT`;
  const isCode = /^(Server|Client)\.\w+$/.test(reason);
  const code = isCode ? reason : "Client.UserInitiatedShutdown";
  return {
    code,
    message: `${code}: ${MEANINGS[code] ?? "Instance initiated shutdown"}`,
    text: isCode ? `${code} (${time})` : `${reason} (${time})`,
  };
}

const MEANINGS: Readonly<Record<string, string>> = {
  "Client.UserInitiatedShutdown": "User initiated shutdown",
  [SPOT_TERMINATION]: "Spot instance termination",
  [SCHEDULED_STOP]: "Stopped due to a scheduled retirement",
};

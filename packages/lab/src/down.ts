/** Ends the lab that is running, or what is left of one that was killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { clearLeftovers } from "./leftovers.ts";
import { refuseUnlessPossible } from "./refusal.ts";
import { forgetLab, runningLab } from "./running.ts";

/** Seconds that a lab has to end itself in. */
const patience = 60;

/** @returns whether one was running */
export async function downLab(): Promise<boolean> {
  refuseUnlessPossible();
  const lab = runningLab();
  if (lab !== undefined) {
    process.kill(lab.pid, "SIGTERM");
    for (let tries = 0; tries < patience * 10 && runningLab() !== undefined; tries++) await sleep(100);
    if (runningLab() !== undefined) process.kill(lab.pid, "SIGKILL");
  }
  await clearLeftovers();
  forgetLab();
  return lab !== undefined;
}

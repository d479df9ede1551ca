/** Visitors for the lab that is running: they come to its load balancer, as people do. */
import { reachInLab } from "./gate.ts";
import { type LoadParts, load } from "./load/load.ts";
import type { LoadRecord } from "./load/record.ts";
import type { LoadPlan } from "./load/schedule.ts";
import { labAddress } from "./network.ts";
import { LabRefusal } from "./refusal.ts";
import { runningLab } from "./running.ts";
import { certificateOf, siteCertificate, siteHost, sitePort } from "./site.ts";

/** @throws LabRefusal while no lab runs */
export async function loadLab(plan: LoadPlan, parts: LoadParts): Promise<LoadRecord> {
  if (runningLab() === undefined) throw new LabRefusal("no lab is running", "`sudo npx warden lab up` starts one");
  const target = {
    name: siteHost,
    ca: certificateOf(siteCertificate),
    connect: () => reachInLab(labAddress, sitePort),
  };
  return load(plan, target, parts);
}

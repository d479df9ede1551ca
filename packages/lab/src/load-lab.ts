/** Visitors for the lab that is running: they come to its load balancer, as people do, to a Moodle or to what stands for it. */
import { prepareInLab } from "./control.ts";
import { reachInLab } from "./gate.ts";
import { applicationVisits } from "./load/application-visit.ts";
import { type LoadParts, load } from "./load/load.ts";
import { moodleVisits } from "./load/moodle-visit.ts";
import type { LoadRecord } from "./load/record.ts";
import type { LoadPlan } from "./load/schedule.ts";
import { labAddress } from "./network.ts";
import { certificateOf, siteCertificate, siteHost, sitePort } from "./site.ts";

/** @throws LabRefusal while no lab runs, and while no node of a real Moodle is in service */
export async function loadLab(plan: LoadPlan, parts: LoadParts): Promise<LoadRecord> {
  const content = await prepareInLab();
  const target = {
    name: siteHost,
    ca: certificateOf(siteCertificate),
    connect: () => reachInLab(labAddress, sitePort),
  };
  return load(plan, target, parts, content === null ? applicationVisits : moodleVisits(content));
}

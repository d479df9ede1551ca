/** The local world's own site: nodes that are modelled, and two caches that exist as replication groups only. */
import { clientConfig, createMachine } from "@warden/aws-local";
import { awsProfile, quickProfile } from "@warden/aws-local/hosts/profile";
import { healthySharedParts, moodleNode, type SharedParts } from "@warden/simulator";
import { deployCaches } from "./deploy/caches.ts";
import type { WorldSite } from "./local.ts";
import { localAssigned, localCaches, localSite, paceOf, type Timing } from "./local-site.ts";
import { nodeCalls, nodeClients } from "./node-calls.ts";
import type { ModelledMachine } from "./virtual.ts";

export interface ModelledSite {
  readonly site: WorldSite;
  readonly machines: ReadonlyMap<string, ModelledMachine>;
  readonly shared: SharedParts;
}

export function modelledSite(timing: Timing): ModelledSite {
  const shared = healthySharedParts(localAssigned.release);
  const machines = new Map<string, ModelledMachine>();
  const site: WorldSite = {
    name: localSite,
    assigned: localAssigned,
    dependencies: localCaches,
    host({ clock, random, router, deployment }, instance, agents, credentials) {
      const calls = nodeCalls({
        clients: nodeClients(clientConfig(router, credentials === undefined ? {} : { credentials })),
        site: localSite,
        group: localSite,
        launchHook: "warden-launch",
        instanceId: instance.instanceId,
        urgentQueueUrl: () => deployment()?.queues.urgent.url ?? "",
      });
      const profile = timing === "aws" ? awsProfile : quickProfile;
      const install = moodleNode({ shared, timings: paceOf(timing).node, calls });
      const machine = createMachine({ clock, random, instance, agents, profile, install });
      machines.set(instance.instanceId, machine);
      return machine;
    },
    prepare: (context) => deployCaches(context, localCaches),
  };
  return { site, machines, shared };
}

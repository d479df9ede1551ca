/**
 * The lab: a small AWS region whose instances are real machines, with Warden in it. It is the local world with other hosts
 * behind the instances: functions, documents, programs of the nodes, data tier and web servers are those of production. Linux
 * and root only; nothing listens on this host's own addresses but AWS, on loopback. All it makes goes with it, and whatever
 * an earlier one left is cleared away first.
 */
import { mkdirSync } from "node:fs";
import { type StoryLine, startWorld, type WorldSite } from "@warden/worlds/local";
import { joining, makeGroup } from "./control-groups.ts";
import { dataTier } from "./data-tier.ts";
import { missingPackages } from "./doctor.ts";
import { sharedFiles } from "./files.ts";
import { metadataSocket, openGate } from "./gate.ts";
import { type LabHost, labHost } from "./host.ts";
import { clearLeftovers } from "./leftovers.ts";
import { metadataService } from "./metadata.ts";
import { inNetwork, labAddress, labNetwork, makeLabNetwork } from "./network.ts";
import { labFolder } from "./places.ts";
import { LabRefusal, refuseUnlessPossible } from "./refusal.ts";
import { preparedRoot } from "./root.ts";
import { claimLab } from "./running.ts";
import { dataPlace, furnish, labSite, webUser, worldSite } from "./site.ts";

export interface LabOptions {
  /** Where AWS answers. */
  readonly port: number;
  readonly nodes: number;
}

export interface Lab {
  readonly endpoint: string;
  readonly region: string;
  stop(): Promise<void>;
}

/** @throws LabRefusal where there can be no lab, and the error of Node when the port is taken */
export async function startLab({ port, nodes }: LabOptions, tell: (line: StoryLine) => void): Promise<Lab> {
  refuseUnlessPossible();
  const missing = missingPackages();
  if (missing.length > 0)
    throw new LabRefusal(`the lab needs Debian's ${missing.join(", ")}`, "`warden lab doctor --install` installs them");
  const release = claimLab(port);
  const began = Date.now();
  const say = (text: string, tone: StoryLine["tone"] = "step"): void =>
    tell({ at: Date.now() - began, who: "lab", text, tone });
  const ending: Ending = [release, clearLeftovers];

  async function stop(): Promise<void> {
    for (const end of ending.splice(0).reverse()) await end();
  }

  try {
    await clearLeftovers();
    mkdirSync(labFolder, { recursive: true });
    const site = labSite();
    const within = joining(makeGroup(labNetwork));
    const lower = await preparedRoot(site, within, say);
    say("starts the network, the data tier and the shared files");
    const hosts: LabHost[] = [];
    const { data, files } = await startParts(port, within, hosts, ending);
    // Machines go before what they hold on to, and after the AWS that would start others.
    ending.push(async () => void (await Promise.all(hosts.map((host) => host.end()))));

    const environment = { AWS_ENDPOINT_URL: `http://${labAddress}:${port}` };
    const host: WorldSite["host"] = ({ clock, tell: add }, instance, agents, credentials) => {
      const made = labHost({
        ...{ clock, instance, agents, credentials, lower, files, environment },
        furnish: (root) => furnish(root, data.certificate, environment),
        tell: (text, tone) => add({ who: "lab", text, tone }),
      });
      hosts.push(made);
      return made;
    };
    const world = await startWorld(
      { port, desired: nodes, speed: 1, timing: "quick" },
      { ...worldSite(site), host },
      (line) => tell({ ...line, at: Date.now() - began }),
    );
    ending.push(world.stop);
    return { endpoint: world.endpoint, region: world.region, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What ends the lab, in the order in which it was started. */
type Ending = (() => Promise<void> | void)[];

/** What the machines share. */
async function startParts(port: number, within: readonly string[], hosts: readonly LabHost[], ending: Ending) {
  makeLabNetwork();
  const data = await dataTier(labFolder, dataPlace([...within, ...inNetwork(labNetwork)]));
  ending.push(data.end);
  const files = await sharedFiles({ folder: labFolder, owner: webUser, within });
  ending.push(files.end);
  const gate = await openGate(port, within);
  ending.push(gate.end);
  // The newest with an address: EC2 gives it to another instance when the first is gone.
  const about = (address: string) => hosts.findLast(({ instance }) => instance.privateIp === address)?.about;
  ending.push(metadataService(metadataSocket, about).end);
  // The load balancer comes here: it follows the target group, and listens at the bridge.
  return { data, files };
}

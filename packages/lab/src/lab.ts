/**
 * The lab: a small AWS region whose instances are real machines, with Warden in it. It is the local world with other hosts
 * behind the instances: functions, documents, programs of the nodes, data tier and web servers are those of production. Linux
 * and root only; nothing listens on this host's own addresses but AWS, on loopback. All it makes goes with it, and whatever
 * an earlier one left is cleared away first.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { bundleFunctions } from "@warden/worlds/bundles";
import { type StoryLine, startWorld, type World, type WorldSite } from "@warden/worlds/local";
import { type Content, makeContent } from "./bench/content.ts";
import { labPhp } from "./bench/node.ts";
import { breaker } from "./breaker.ts";
import { openControl } from "./control.ts";
import { joining, makeGroup } from "./control-groups.ts";
import { missingPackages } from "./doctor.ts";
import type { SharedFiles } from "./files.ts";
import { type FunctionsSwitch, functionsSwitch } from "./functions-switch.ts";
import { type LabHost, labHost } from "./host.ts";
import { hostInService } from "./in-service.ts";
import { clearLeftovers } from "./leftovers.ts";
import { labAddress, labNetwork } from "./network.ts";
import { balance, type Ending, type Say, startParts } from "./parts.ts";
import { inLab, labFolder, siteFile } from "./places.ts";
import { LabRefusal, refuseUnlessPossible } from "./refusal.ts";
import { moodleRelease, notMoodle } from "./release.ts";
import { preparedRoot } from "./root.ts";
import { claimLab } from "./running.ts";
import { furnish, type LabSite, labSite, siteCertificate, worldSite } from "./site.ts";

export interface LabOptions {
  /** Where AWS answers. */
  readonly port: number;
  readonly nodes: number;
  /** Whether AWS may take its machines back. */
  readonly spot: boolean;
  /** A source tree of Moodle, or an archive of `warden moodle build`; without it nodes run what stands for Moodle. */
  readonly moodle?: string;
}

export interface Lab {
  readonly endpoint: string;
  readonly region: string;
  readonly site: LabSite;
  readonly files: SharedFiles;
  readonly functions: FunctionsSwitch;
  /** The machine of an instance that runs; undefined for all others. */
  hostOf(instanceId: string): LabHost | undefined;
  stop(): Promise<void>;
}

/** @throws LabRefusal where there can be no lab, and the error of Node when the port is taken */
export async function startLab(
  { port, nodes, spot, moodle }: LabOptions,
  tell: (line: StoryLine) => void,
): Promise<Lab> {
  refuseUnlessPossible();
  const missing = missingPackages();
  if (missing.length > 0)
    throw new LabRefusal(`the lab needs Debian's ${missing.join(", ")}`, "`warden lab doctor --install` installs them");
  const claim = claimLab(port);
  const began = Date.now();
  const say: Say = (text, tone = "step") => tell({ at: Date.now() - began, who: "lab", text, tone });
  const ending: Ending = [claim.end, clearLeftovers];

  async function stop(): Promise<void> {
    for (const end of ending.splice(0).reverse()) await end();
  }

  try {
    await clearLeftovers();
    mkdirSync(labFolder, { recursive: true });
    const building = { output: inLab("releases"), tell: say };
    const site = labSite(moodle === undefined ? notMoodle() : await moodleRelease(moodle, building));
    writeFileSync(siteFile, site.text);
    say(`the site's configuration is ${siteFile}, for commands that want it`);
    const within = joining(makeGroup(labNetwork));
    const lower = await preparedRoot(site, within, say);
    say("bundles the functions; starts the network, the data tier and the shared files");
    const bundles = bundleFunctions();
    // Whether it failed is for the world to say. Removed twice they are gone all the same.
    ending.push(async () => (await bundles.catch(() => undefined))?.remove());
    const hosts: LabHost[] = [];
    // The newest with an address: EC2 gives it to another instance when the first is gone.
    const about = (address: string) => hosts.findLast(({ instance }) => instance.privateIp === address)?.about;
    const { data, files, balancer } = await startParts({ port, within, about }, ending);
    // Machines go before what they hold on to, and after the AWS that would start others.
    ending.push(async () => void (await Promise.all(hosts.map((host) => host.end()))));

    const environment = { AWS_ENDPOINT_URL: `http://${labAddress}:${port}` };
    const host: WorldSite["host"] = ({ clock, tell: add }, instance, agents, credentials) => {
      const made = labHost({
        ...{ clock, instance, agents, credentials, lower, files, environment },
        furnish: (root) => furnish(root, [data.certificate, siteCertificate], environment),
        impair: (impaired) => world.aws.instances.setStatusChecks(instance.instanceId, impaired ? "impaired" : "ok"),
        tell: (text, tone) => add({ who: "lab", text, tone }),
      });
      hosts.push(made);
      return made;
    };
    const world = await startWorld(
      { port, desired: nodes, speed: 1, timing: "quick", bundles, fleet: { deregistrationDelay, spot } },
      { ...worldSite(site), host },
      (line) => tell({ ...line, at: Date.now() - began }),
    );
    ending.push(world.stop);
    await balance(world, balancer, say);
    const functions = functionsSwitch(world.endpoint, world.region);
    const hostOf = (id: string) => hosts.find(({ instanceId }) => instanceId === id && isRunning(world, id));
    const { interruptSpot } = world.aws.faults;
    const parts = breaker({ data, files, functions, hostOf, interruptSpot, tell: say });
    ending.push(openControl(parts, () => prepared(site, { ...world, hostOf })));
    claim.answers(world.region);
    return { endpoint: world.endpoint, region: world.region, site, files, functions, hostOf, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What visitors of a real Moodle find there, made where it is not yet. @throws LabRefusal while no node is in service */
async function prepared({ release }: LabSite, machines: Parameters<typeof hostInService>[0]): Promise<Content | null> {
  if (release.kind !== "moodle") return null;
  const host = await hostInService(machines);
  if (host === undefined)
    throw new LabRefusal("no node is in service yet", "`warden lab status` shows how far they are");
  return makeContent(labPhp((script) => host.sh(script)));
}

/** As long as the slowest visitor may take: AWS's own default is five minutes. */
const deregistrationDelay = 60;

const isRunning = ({ aws }: World, id: string): boolean => aws.instances.find(id)?.state === "running";

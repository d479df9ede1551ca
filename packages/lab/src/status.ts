/** What the running lab is made of, asked of AWS and of the machines themselves. */
import { EC2Client, type Instance, paginateDescribeInstances } from "@aws-sdk/client-ec2";
import { userCredentials } from "@warden/aws-local";
import { brokenInLab } from "./control.ts";
import { groupsNamed, membersOf } from "./control-groups.ts";
import { describeFault } from "./faults.ts";
import { ask } from "./gate.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { labAddress } from "./network.ts";
import { machineName } from "./places.ts";
import { LabRefusal, refuseUnlessPossible } from "./refusal.ts";
import { runningLab } from "./running.ts";
import { ports, siteHost, sitePort } from "./site.ts";

export interface LabStatus {
  readonly pid: number;
  readonly endpoint: string;
  readonly parts: readonly { readonly name: string; readonly address: string }[];
  /** A sentence for each fault of `lab break` that lasts. */
  readonly broken: readonly string[];
  readonly machines: readonly MachineStatus[];
}

interface MachineStatus {
  readonly instanceId: string;
  /** As EC2 names it. */
  readonly state: string;
  readonly address: string;
  readonly processes: number;
  /** Undefined where this host's control groups cannot limit it. */
  readonly limits: Partial<Limits>;
  /** What the load balancer's check gets now: a status of HTTP, or why there is none. */
  readonly ready: string;
}

/** Undefined while no lab runs. @throws LabRefusal while one starts */
export async function labStatus(): Promise<LabStatus | undefined> {
  refuseUnlessPossible();
  const lab = runningLab();
  if (lab === undefined) return undefined;
  if (lab.region === undefined)
    throw new LabRefusal("the lab is still starting", "wait until it says that AWS answers");
  const endpoint = `http://127.0.0.1:${lab.port}`;
  const client = new EC2Client({ endpoint, region: lab.region, credentials: userCredentials });
  const instances: Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, {}))
    instances.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
  return {
    pid: lab.pid,
    endpoint,
    parts: [
      ...Object.entries(ports).map(([name, port]) => ({ name, address: `${labAddress}:${port}` })),
      { name: siteHost, address: `${labAddress}:${sitePort}` },
      { name: "aws", address: `${labAddress}:${lab.port}` },
    ],
    broken: (await brokenInLab()).map(describeFault),
    machines: await Promise.all(
      instances
        .filter(({ State }) => State?.Name !== "terminated")
        .map(({ InstanceId = "", PrivateIpAddress = "", State }) =>
          statusOf(InstanceId, PrivateIpAddress, State?.Name ?? "unknown"),
        ),
    ),
  };
}

async function statusOf(instanceId: string, address: string, state: string): Promise<MachineStatus> {
  const answer = await ask(address, 80, "/warden/ready", 2_000);
  const name = machineName(instanceId);
  const group = groupsNamed((each) => each === name).get(name) ?? [];
  const ready = typeof answer === "string" ? answer : String(answer.status);
  return { instanceId, state, address, processes: membersOf(group).size, limits: limitsOf(group), ready };
}

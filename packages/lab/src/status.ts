/** What the running lab is made of, asked of AWS and of the machines themselves. */
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { userCredentials } from "@warden/aws-local";
import { groupsNamed, membersOf } from "./control-groups.ts";
import { ask } from "./gate.ts";
import { labAddress } from "./network.ts";
import { machineName } from "./places.ts";
import { refuseUnlessPossible } from "./refusal.ts";
import { runningLab } from "./running.ts";
import { ports } from "./site.ts";

export interface LabStatus {
  readonly pid: number;
  readonly endpoint: string;
  readonly parts: readonly { readonly name: string; readonly address: string }[];
  readonly machines: readonly MachineStatus[];
}

interface MachineStatus {
  readonly instanceId: string;
  /** As EC2 names it. */
  readonly state: string;
  readonly address: string;
  readonly processes: number;
  /** What the load balancer's check gets now: a status of HTTP, or why there is none. */
  readonly ready: string;
}

/** Undefined while no lab runs. */
export async function labStatus(): Promise<LabStatus | undefined> {
  refuseUnlessPossible();
  const lab = runningLab();
  if (lab === undefined) return undefined;
  const endpoint = `http://127.0.0.1:${lab.port}`;
  const ec2 = new EC2Client({ endpoint, region: "eu-west-1", credentials: userCredentials });
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  return {
    pid: lab.pid,
    endpoint,
    parts: [
      ...Object.entries(ports).map(([name, port]) => ({ name, address: `${labAddress}:${port}` })),
      { name: "aws", address: `${labAddress}:${lab.port}` },
    ],
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
  const groups = groupsNamed((name) => name === machineName(instanceId));
  const processes = new Set([...groups.values()].flatMap((group) => [...membersOf(group)])).size;
  return { instanceId, state, address, processes, ready: typeof answer === "string" ? answer : String(answer.status) };
}

/** A machine of the lab that is in service, for whoever wants something of the site. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { userCredentials } from "@warden/aws-local";
import type { LabHost } from "./host.ts";

interface Machines {
  readonly endpoint: string;
  readonly region: string;
  /** Undefined for an instance that does not run. */
  hostOf(instanceId: string): LabHost | undefined;
}

/** Undefined while there is none. */
export async function hostInService({ endpoint, region, hostOf }: Machines): Promise<LabHost | undefined> {
  const client = new AutoScalingClient({ endpoint, region, credentials: userCredentials });
  const { AutoScalingGroups = [] } = await client.send(new DescribeAutoScalingGroupsCommand({}));
  return (AutoScalingGroups[0]?.Instances ?? [])
    .filter(({ LifecycleState }) => LifecycleState === "InService")
    .map(({ InstanceId = "" }) => hostOf(InstanceId))
    .find((host) => host !== undefined);
}

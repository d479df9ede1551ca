/** The embedded EC2: instances on one small network, and the misfortunes that AWS visits on them. */
import * as sdk from "@aws-sdk/client-ec2";
import type {
  AgentRegistry,
  EventIntake,
  HostFactory,
  Hosts,
  Instances,
  LaunchTemplates,
  Subnets,
  Surroundings,
} from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { createCapacity } from "./capacity.ts";
import { describeInstancesOperations } from "./describe-instances.ts";
import { refusingDryRuns } from "./dry-run.ts";
import { createFaults, type InstanceFaults } from "./faults.ts";
import { instanceOperations } from "./instance-operations.ts";
import { instanceStatusOperations } from "./instance-status.ts";
import { createInstanceStore } from "./instances.ts";
import { launchTemplateOperations } from "./launch-template-operations.ts";
import { createLaunchTemplateStore } from "./launch-templates.ts";
import { createNeighbours } from "./neighbours.ts";
import { createNetwork, type Network } from "./network.ts";
import { networkOperations } from "./network-operations.ts";
import { runInstancesOperation } from "./run-instances.ts";
import { createTagStore } from "./tags.ts";
import { createVolumes } from "./volumes.ts";

interface Ec2Neighbours {
  readonly createHost: HostFactory;
  readonly agents: AgentRegistry;
  readonly events: EventIntake;
  /** IAM's answer to which role an instance profile carries; without it, a profile carries the role of its own name. */
  readonly roleOfProfile?: (profileName: string) => string | undefined;
}

export interface Ec2 {
  readonly service: EmbeddedService;
  readonly instances: Instances;
  readonly hosts: Hosts;
  readonly launchTemplates: LaunchTemplates;
  readonly subnets: Subnets;
  /** The ids that whoever composes a world needs: VPC, subnets, security group, image. */
  readonly network: Pick<Network, "vpc" | "subnets" | "securityGroup" | "image">;
  readonly faults: InstanceFaults;
  /** For `ec2:ResourceTag/…` in policies; none for a resource that does not exist. */
  tagsOf(arn: string): Readonly<Record<string, string>>;
}

export function createEc2(surroundings: Surroundings, neighbours: Ec2Neighbours): Ec2 {
  const roleOfProfile = neighbours.roleOfProfile ?? ((profileName) => profileName);
  const tags = createTagStore();
  const network = createNetwork(surroundings, tags);
  const volumes = createVolumes(surroundings, tags);
  const capacity = createCapacity();
  const templates = createLaunchTemplateStore(surroundings, tags, roleOfProfile);
  const store = createInstanceStore({ ...neighbours, surroundings, network, capacity, tags, volumes });

  const service = embeddedService(sdk, "ec2", {
    ...tags.operations,
    ...volumes.operations,
    ...networkOperations(surroundings, network, tags),
    ...launchTemplateOperations(surroundings, templates, tags),
    ...runInstancesOperation({ surroundings, store, templates, network, volumes, roleOfProfile }),
    ...instanceOperations(store),
    ...describeInstancesOperations({ surroundings, store, network, volumes }),
    ...instanceStatusOperations(store, network),
  });

  return {
    service: refusingDryRuns(service),
    instances: createNeighbours(store, templates, network, surroundings),
    hosts: store.hosts,
    launchTemplates: templates.neighbours,
    subnets: network.neighbours,
    network,
    faults: createFaults(surroundings, neighbours.events, store, capacity),
    tagsOf: (arn) => tags.of(arn.slice(arn.lastIndexOf("/") + 1)),
  };
}

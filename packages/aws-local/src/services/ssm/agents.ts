/**
 * Managed nodes: which agents registered, when each pinged last, and `DescribeInstanceInformation`. An agent that
 * falls silent shows `Online` until its last ping is old enough, so `Online` is no proof that it listens.
 */
import * as ssm from "@aws-sdk/client-ssm";
import type { AgentRegistry, Instance, Instances, Range, Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { page } from "./paging.ts";
import { validationError } from "./validation-error.ts";

export interface AgentPace {
  /** Milliseconds without a ping until a node shows `ConnectionLost`. */
  readonly connectionLostAfter: number;
}

/** The agent reports every five minutes ("Systems Manager quotas"); two missed reports lose the connection. */
export const awsAgentPace: AgentPace = { connectionLostAfter: 11 * 60_000 };

/** For machines of `quickProfile`, whose agents report every ten seconds. */
export const quickAgentPace: AgentPace = { connectionLostAfter: 25_000 };

export interface ManagedNodes {
  readonly registry: AgentRegistry;
  readonly operations: Pick<Operations<typeof ssm>, "DescribeInstanceInformation">;
  isRegistered(instanceId: string): boolean;
  registeredInstances(): readonly Instance[];
  /** An agent pinged: what could not be delivered before can be delivered now. */
  onPing(listener: (instanceId: string) => void): void;
}

interface Registration {
  readonly instanceId: string;
  readonly registeredAt: number;
  pingedAt: number;
}

interface ManagedNode {
  readonly registration: Registration;
  readonly instance: Instance;
  readonly pingStatus: ssm.PingStatus;
}

const agentVersion = "3.3.2299.0";

export function createManagedNodes(
  { clock, random, region, account, timings }: Surroundings,
  instances: Instances,
  pace: AgentPace,
): ManagedNodes {
  const registrations = new Map<string, Registration>();
  const listeners: ((instanceId: string) => void)[] = [];

  function ping(instanceId: string): void {
    const registration = registrations.get(instanceId);
    if (registration === undefined)
      registrations.set(instanceId, { instanceId, registeredAt: clock.now(), pingedAt: clock.now() });
    else registration.pingedAt = clock.now();
    for (const listener of listeners) listener(instanceId);
  }

  function describe(input: ssm.DescribeInstanceInformationRequest): ssm.DescribeInstanceInformationResult {
    const filters = filtersOf(input);
    const nodes = managedNodes(clock.now() - drawn(timings.staleReads, random.next()));
    const matching = nodes.filter((node) => filters.every((filter) => matches(node, filter)));
    const { items, next } = page(matching, (node) => node.registration.instanceId, input, 10);
    return { InstanceInformationList: items.map(describeNode), ...next };
  }

  /** As they were at `asOf`: a describe may not know yet of the latest registration or ping. */
  function managedNodes(asOf: number): ManagedNode[] {
    const nodes: ManagedNode[] = [];
    for (const registration of registrations.values()) {
      const instance = instances.find(registration.instanceId);
      if (instance === undefined || registration.registeredAt > asOf) continue;
      const silentFor = clock.now() - registration.pingedAt;
      nodes.push({
        registration,
        instance,
        pingStatus: silentFor < pace.connectionLostAfter ? "Online" : "ConnectionLost",
      });
    }
    return nodes;
  }

  function describeNode({ registration, instance, pingStatus }: ManagedNode): ssm.InstanceInformation {
    return {
      InstanceId: registration.instanceId,
      PingStatus: pingStatus,
      LastPingDateTime: new Date(registration.pingedAt),
      AgentVersion: agentVersion,
      IsLatestVersion: true,
      PlatformType: "Linux",
      PlatformName: "Amazon Linux",
      PlatformVersion: "2023",
      ResourceType: "EC2Instance",
      IPAddress: instance.privateIp,
      ComputerName: hostName(instance, region),
      SourceId: registration.instanceId,
      SourceType: "AWS::EC2::Instance",
      ...(instance.roleName === undefined ? {} : { IamRole: `arn:aws:iam::${account}:role/${instance.roleName}` }),
    };
  }

  return {
    registry: {
      ping,
      // The last ping grows old by itself.
      silence() {},
    },
    operations: { DescribeInstanceInformation: describe },
    isRegistered: (instanceId) => registrations.has(instanceId),
    registeredInstances: () => [...registrations.keys()].flatMap((instanceId) => instances.find(instanceId) ?? []),
    onPing(listener) {
      listeners.push(listener);
    },
  };
}

/** The private DNS name that EC2 gives an instance, which is also its host name. */
export function hostName(instance: Pick<Instance, "privateIp">, region: string): string {
  const suffix = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
  return `ip-${instance.privateIp.replaceAll(".", "-")}.${suffix}`;
}

export const drawn = (range: Range, fraction: number): number => range.low + (range.high - range.low) * fraction;

interface Filter {
  readonly key: string;
  readonly values: readonly string[];
}

function filtersOf(input: ssm.DescribeInstanceInformationRequest): Filter[] {
  const legacy = (input.InstanceInformationFilterList ?? []).map(({ key, valueSet }) => filter(key, valueSet));
  const current = (input.Filters ?? []).map(({ Key, Values }) => filter(Key, Values));
  if (legacy.length > 0 && current.length > 0)
    throw validationError("Filters and InstanceInformationFilterList can't be used together.");
  const tagFilters = current.filter(({ key }) => key.startsWith("tag"));
  if (tagFilters.length > 0 && tagFilters.length < current.length)
    throw validationError("Tag filters can't be combined with other filter types.");
  return [...legacy, ...current];
}

const filter = (key: string | undefined, values: readonly string[] | undefined): Filter => ({
  key: key ?? "",
  values: values ?? [],
});

function matches(node: ManagedNode, { key, values }: Filter): boolean {
  const { instance } = node;
  if (key.startsWith("tag:")) return hasTag(instance, key.slice("tag:".length), values);
  switch (key) {
    case "tag-key":
      return values.some((name) => name in instance.tags);
    case "InstanceIds":
      return values.includes(instance.instanceId);
    case "PingStatus":
      return values.includes(node.pingStatus);
    case "PlatformTypes":
      return values.includes("Linux");
    case "ResourceType":
      return values.includes("EC2Instance");
    case "AgentVersion":
      return values.includes(agentVersion);
    default:
      throw new ssm.InvalidFilterKey({ message: `The filter key ${key} isn't valid.`, $metadata: {} });
  }
}

export function hasTag(instance: Instance, name: string, values: readonly string[]): boolean {
  const value = instance.tags[name];
  return value !== undefined && values.includes(value);
}

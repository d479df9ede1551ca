/** Application Load Balancers: making, describing and deleting them, and their attributes. */

import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { DuplicateLoadBalancerNameException, SubnetNotFoundException } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Subnets, Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import { attributeList, defaultsOf, LOAD_BALANCER_ATTRIBUTES, setAttributes } from "./attributes.ts";
import { loadBalancerNotFound, notModelled, notPermitted, validationError } from "./errors.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import { pageOf } from "./paging.ts";
import type { Registry } from "./registry.ts";
import { requireOrdinaryName } from "./settings.ts";
import { type TagStore, tagsFrom } from "./tags.ts";
import type { Targets } from "./targets.ts";

type LoadBalancerOperations = Pick<
  Operations<typeof elb>,
  | "CreateLoadBalancer"
  | "DeleteLoadBalancer"
  | "DescribeLoadBalancerAttributes"
  | "DescribeLoadBalancers"
  | "ModifyLoadBalancerAttributes"
>;

type CreateInput = Validated<elb.CreateLoadBalancerCommandInput>;

export function loadBalancerOperations(
  { clock, random, region, account }: Surroundings,
  registry: Registry,
  targets: Targets,
  tags: TagStore,
  network: { readonly vpcId: string; readonly subnets: Subnets },
): LoadBalancerOperations {
  return {
    /** The same request again finds the same load balancer. */
    CreateLoadBalancer(input) {
      const wanted = newLoadBalancer(input);
      const existing = [...registry.loadBalancers.values()].find(({ name }) => name === input.Name);
      if (existing === undefined) {
        registry.loadBalancers.set(wanted.arn, wanted);
        tags.adopt(wanted.arn, tagsFrom(input.Tags));
      } else if (settingsOf(existing) !== settingsOf(wanted)) throw nameTaken(input.Name);
      return { LoadBalancers: [describe(existing ?? wanted)] };
    },

    DescribeLoadBalancers(input) {
      const all = [...registry.loadBalancers.values()];
      const asked = [...(input.LoadBalancerArns ?? []), ...(input.Names ?? [])];
      if (!asked.every((one) => all.some(({ arn, name }) => arn === one || name === one))) throw loadBalancerNotFound();
      const chosen = all.filter(
        ({ arn, name }) => (input.LoadBalancerArns?.includes(arn) ?? true) && (input.Names?.includes(name) ?? true),
      );
      const { items, ...rest } = pageOf(chosen, input);
      return { LoadBalancers: items.map(describe), ...rest };
    },

    /** Takes its listeners along; the target groups stay. One that is gone already is no error. */
    DeleteLoadBalancer(input) {
      const loadBalancer = registry.loadBalancers.get(input.LoadBalancerArn);
      if (loadBalancer === undefined) return {};
      if (loadBalancer.attributes.get("deletion_protection.enabled") === "true") {
        throw notPermitted(
          `Load balancer '${loadBalancer.arn}' cannot be deleted because deletion protection is enabled`,
        );
      }
      for (const listener of registry.listenersOf(loadBalancer)) {
        registry.listeners.delete(listener.arn);
        tags.forget(listener.arn);
      }
      registry.loadBalancers.delete(loadBalancer.arn);
      tags.forget(loadBalancer.arn);
      registry.followForwarding(targets.usageChanged);
      return {};
    },

    DescribeLoadBalancerAttributes(input) {
      return { Attributes: attributeList(registry.loadBalancer(input.LoadBalancerArn).attributes) };
    },

    ModifyLoadBalancerAttributes(input) {
      const { attributes } = registry.loadBalancer(input.LoadBalancerArn);
      setAttributes(LOAD_BALANCER_ATTRIBUTES, attributes, input.Attributes, "load balancer");
      return { Attributes: attributeList(attributes) };
    },
  };

  function newLoadBalancer(input: CreateInput): LoadBalancer {
    requireOrdinaryName(input.Name, "Load balancer");
    if ((input.Type ?? "application") !== "application") throw notModelled(`A load balancer of type ${input.Type}`);
    if ((input.IpAddressType ?? "ipv4") !== "ipv4") throw notModelled(`IP address type ${input.IpAddressType}`);
    if (input.IpamPools !== undefined) throw notModelled("An address pool");
    const scheme = input.Scheme ?? "internet-facing";
    const id = random.hex(16);
    return {
      arn: `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/app/${input.Name}/${id}`,
      name: input.Name,
      order: registry.nextOrder(),
      createdAt: clock.now(),
      scheme,
      subnets: subnetsOf(input),
      securityGroups: input.SecurityGroups ?? [],
      dnsName: `${scheme === "internal" ? "internal-" : ""}${input.Name}-${random.integer(1e8, 2e9)}.${region}.elb.amazonaws.com`,
      attributes: defaultsOf(LOAD_BALANCER_ATTRIBUTES),
    };
  }

  function subnetsOf(input: CreateInput): LoadBalancer["subnets"] {
    const mapped = (input.SubnetMappings ?? []).map(({ SubnetId, ...addresses }) => {
      if (Object.values(addresses).some((value) => value !== undefined))
        throw notModelled("A subnet mapping's addresses");
      return SubnetId ?? "";
    });
    const found = [...(input.Subnets ?? []), ...mapped].map((id) => ({ id, zone: zoneOf(id) }));
    if (new Set(found.map(({ zone }) => zone)).size < 2) {
      throw validationError("At least two subnets in two different Availability Zones must be specified");
    }
    if (new Set(found.map(({ zone }) => zone)).size < found.length) {
      throw validationError("A load balancer cannot be attached to multiple subnets in the same Availability Zone");
    }
    return found;
  }

  function zoneOf(subnetId: string): string {
    const zone = network.subnets.availabilityZone(subnetId);
    if (zone === undefined) throw subnetNotFound(subnetId);
    return zone;
  }

  /** Active at once: nothing that this project watches depends on the minutes of provisioning. */
  function describe(loadBalancer: LoadBalancer): elb.LoadBalancer {
    return {
      LoadBalancerArn: loadBalancer.arn,
      LoadBalancerName: loadBalancer.name,
      DNSName: loadBalancer.dnsName,
      CreatedTime: new Date(loadBalancer.createdAt),
      Scheme: loadBalancer.scheme,
      VpcId: network.vpcId,
      State: { Code: "active" },
      Type: "application",
      IpAddressType: "ipv4",
      AvailabilityZones: loadBalancer.subnets.map(({ id, zone }) => ({ SubnetId: id, ZoneName: zone })),
      SecurityGroups: [...loadBalancer.securityGroups],
    };
  }
}

const settingsOf = ({ scheme, subnets, securityGroups }: LoadBalancer): string =>
  JSON.stringify([scheme, subnets.map(({ id }) => id).sort(), [...securityGroups].sort()]);

const nameTaken = (name: string): Error =>
  new DuplicateLoadBalancerNameException({
    message: `A load balancer with the same name '${name}' exists, but with different settings`,
    $metadata: {},
  });

const subnetNotFound = (subnetId: string): Error =>
  new SubnetNotFoundException({ message: `The subnet ID '${subnetId}' does not exist`, $metadata: {} });

/**
 * Where instances live: one default VPC with a subnet in each of three zones, its default security group, and one
 * image. Enough for an Auto Scaling group with a load balancer before it; nothing here can be created or changed.
 */
import { AwsError } from "../../aws-error.ts";
import type { Subnets, Surroundings } from "../../region.ts";
import { shortRegion } from "../../short-region.ts";
import type { TagStore } from "./tags.ts";

export interface Network {
  readonly vpc: { readonly id: string; readonly cidr: string };
  readonly subnets: readonly Subnet[];
  readonly securityGroup: { readonly id: string; readonly name: string };
  readonly image: { readonly id: string; readonly name: string; readonly createdAt: number };
  /** Throws `InvalidSubnetID.NotFound`. */
  subnet(subnetId: string): Subnet;
  neighbours: Subnets;
}

export interface Subnet {
  readonly id: string;
  readonly zone: string;
  /** Names the physical zone, the same in every account. */
  readonly zoneId: string;
  readonly cidr: string;
  readonly addresses: Addresses;
}

interface Addresses {
  /** Throws `InsufficientFreeAddressesInSubnet` where there are fewer than that. */
  require(count: number): void;
  take(): string;
  giveBack(address: string): void;
  available(): number;
}

export function createNetwork({ random, region, clock }: Surroundings, tags: TagStore): Network {
  const vpc = { id: `vpc-${random.hex(17)}`, cidr: "172.31.0.0/16" };
  const subnets = ["a", "b", "c"].map((letter, index): Subnet => {
    const id = `subnet-${random.hex(17)}`;
    const base = index * 16;
    return {
      id,
      zone: `${region}${letter}`,
      zoneId: `${shortRegion(region)}-az${index + 1}`,
      cidr: `172.31.${base}.0/20`,
      addresses: addressesOf(id, base),
    };
  });
  const securityGroup = { id: `sg-${random.hex(17)}`, name: "default" };
  const image = { id: `ami-${random.hex(17)}`, name: "warden-moodle-node", createdAt: clock.now() };

  tags.adopt(vpc.id, "vpc", {});
  for (const subnet of subnets) tags.adopt(subnet.id, "subnet", {});
  tags.adopt(securityGroup.id, "security-group", {});
  tags.adopt(image.id, "image", {});

  const find = (subnetId: string): Subnet | undefined => subnets.find((subnet) => subnet.id === subnetId);

  return {
    vpc,
    subnets,
    securityGroup,
    image,
    subnet(subnetId) {
      const subnet = find(subnetId);
      if (subnet === undefined) {
        throw new AwsError("InvalidSubnetID.NotFound", `The subnet ID '${subnetId}' does not exist`);
      }
      return subnet;
    },
    neighbours: {
      availabilityZone: (subnetId) => find(subnetId)?.zone,
      defaultSubnet: (zone) => subnets.find((subnet) => subnet.zone === zone)?.id,
    },
  };
}

/** AWS keeps the first four addresses of a subnet and the last. */
const FIRST = 4;
const LAST = 4096 - 2;

/** Hands out addresses in turn, so that one just given back is the last to come again. */
function addressesOf(subnetId: string, base: number): Addresses {
  const taken = new Set<number>();
  let next = FIRST;

  const following = (place: number): number => (place === LAST ? FIRST : place + 1);
  const written = (place: number): string => `172.31.${base + (place >> 8)}.${place & 255}`;
  const available = (): number => LAST - FIRST + 1 - taken.size;

  function require(count: number): void {
    if (available() >= count) return;
    throw new AwsError(
      "InsufficientFreeAddressesInSubnet",
      `The specified subnet does not have enough free addresses to satisfy the request: ${subnetId}`,
    );
  }

  return {
    available,
    require,
    take() {
      require(1);
      while (taken.has(next)) next = following(next);
      taken.add(next);
      const address = written(next);
      next = following(next);
      return address;
    },
    giveBack(address) {
      const [, , third = 0, fourth = 0] = address.split(".").map(Number);
      taken.delete((third - base) * 256 + fourth);
    },
  };
}

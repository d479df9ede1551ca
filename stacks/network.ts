/** The network: data in private subnets, load balancers in public ones, nodes where they reach the world, and who may talk to whom. */
import { readiness } from "@warden/functions/deployed";
import { named, namedOf, titled } from "./named.ts";
import { isBehindCloudFront } from "./sharing.ts";
import type { NewNetwork } from "./sizes.ts";
import type { ExistingNetwork, Site, Stage } from "./stage.ts";

export function network(stage: Stage) {
  const { network, sites } = stage;
  const vpc = network.kind === "new" ? made(network) : existing(network);
  const ways = new Set(sites.map((site) => isBehindCloudFront(stage, site)));
  const balancers = new Map([...ways].map((way) => [way, balancerTraffic(way, vpc)]));
  const nodes = new Map(
    sites.map((site) => [site.name, nodeTraffic(site, vpc.id, balancerOf(stage, site, { balancers }))]),
  );
  return { ...vpc, traffic: { balancers, nodes } };
}

export type Network = ReturnType<typeof network>;

interface Traffic {
  /** Of load balancers, by whether they are behind CloudFront. */
  readonly balancers: ReadonlyMap<boolean, aws.ec2.SecurityGroup>;
  /** Of nodes, by the name of their site. */
  readonly nodes: ReadonlyMap<string, aws.ec2.SecurityGroup>;
}

type Subnets = $util.Output<$util.Input<string>[]>;

function made({ zones, nat }: NewNetwork) {
  const vpc = new sst.aws.Vpc("Network", { az: zones, ...(nat === "managed" && { nat }) });
  const privateSubnets: Subnets = vpc.privateSubnets;
  return {
    ...{ id: vpc.id, cidr: vpc.nodes.vpc.cidrBlock, forBalancer: vpc, privateSubnets },
    // Of an instance in a public subnet SST's own setting makes that it has a public address.
    nodeSubnets: nat === "managed" ? vpc.privateSubnets : vpc.publicSubnets,
  };
}

function existing({ id, cidr, publicSubnets, privateSubnets }: ExistingNetwork) {
  const own: Subnets = $output([...privateSubnets]);
  return {
    ...{ id: $output(id), cidr: $output(cidr), privateSubnets: own, nodeSubnets: own },
    forBalancer: { id, publicSubnets: [...publicSubnets], privateSubnets: own },
  };
}

interface Vpc {
  readonly id: $util.Input<string>;
  readonly cidr: $util.Input<string>;
}

/** One for all load balancers that everybody reaches, and one for all that only CloudFront does. */
function balancerTraffic(behindCloudFront: boolean, { id, cidr }: Vpc) {
  const what = behindCloudFront ? "CloudFrontTraffic" : "BalancerTraffic";
  return new aws.ec2.SecurityGroup(what, {
    vpcId: id,
    description: `${behindCloudFront ? "Only CloudFront reaches" : "Visitors reach"} the load balancer, and it the nodes`,
    // Each rule with CloudFront's list counts as 55, of 60 that a security group may have (VPC guide, "AWS-managed prefix lists").
    ingress: behindCloudFront
      ? [tcp(443, { prefixListIds: [ofCloudFront()] })]
      : [80, 443].map((port) => tcp(port, { cidrBlocks: ["0.0.0.0/0"] })),
    egress: [tcp(readiness.port, { cidrBlocks: [cidr] })],
    tags: { Name: named(behindCloudFront ? "balancer-behind-cloudfront" : "balancer") },
  });
}

/** AWS keeps it up to date: what CloudFront, of whichever customer, asks from. */
const ofCloudFront = (): $util.Output<string> =>
  aws.ec2.getManagedPrefixListOutput({ name: "com.amazonaws.global.cloudfront.origin-facing" }).id;

/** The security group of the load balancer that the site has or shares. */
export function balancerOf(stage: Stage, site: Site, { balancers }: Pick<Traffic, "balancers">): $util.Output<string> {
  const found = balancers.get(isBehindCloudFront(stage, site));
  if (found === undefined) throw new Error(`${site.name} is no site of this stage`);
  return found.id;
}

/** One for the nodes of each site: those of one do not reach what only another uses. */
const nodeTraffic = (site: Site, vpcId: $util.Input<string>, balancer: $util.Input<string>) =>
  new aws.ec2.SecurityGroup(titled(site, "NodeTraffic"), {
    vpcId,
    description: "Only the load balancer reaches a node; a node reaches what it needs",
    ingress: [tcp(readiness.port, { securityGroups: [balancer] })],
    egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
    tags: { Name: namedOf(site, "nodes") },
  });

/** A part of the site that only nodes of these sites reach. @returns the part's security group */
export function traffic(site: Site, part: Part, { id, traffic }: Network, users: readonly Site[]) {
  const { title, name, port } = parts[part];
  return new aws.ec2.SecurityGroup(titled(site, `${title}Traffic`), {
    ...{ vpcId: id, description: `Only nodes reach the ${name}`, egress: [], tags: { Name: namedOf(site, name) } },
    ingress: [tcp(port, { securityGroups: users.map((user) => nodesOf(user, traffic)) })],
  });
}

/** The same of one that was there before. */
export function admit(site: Site, part: Part, securityGroup: string, { traffic }: Network, users: readonly Site[]) {
  const { title, name, port } = parts[part];
  for (const user of users)
    new aws.vpc.SecurityGroupIngressRule(titled(site, `${title}Takes${titled(user, "")}`), {
      ...{ securityGroupId: securityGroup, referencedSecurityGroupId: nodesOf(user, traffic) },
      ...{ ipProtocol: "tcp", fromPort: port, toPort: port, description: `Nodes of ${user.name} reach the ${name}` },
    });
}

type Part = keyof typeof parts;
const parts = {
  database: { title: "Database", name: "database", port: 3306 },
  caches: { title: "Cache", name: "caches", port: 6379 },
  files: { title: "File", name: "shared files", port: 2049 },
} as const;

export function nodesOf(site: Site, { nodes }: Traffic): $util.Output<string> {
  const found = nodes.get(site.name);
  if (found === undefined) throw new Error(`${site.name} is no site of this stage`);
  return found.id;
}

const tcp = (port: number, from: From) => ({
  ...{ protocol: "tcp", fromPort: port, toPort: port },
  ...from,
});

type From = { readonly [Kind in "cidrBlocks" | "prefixListIds" | "securityGroups"]?: $util.Input<string>[] };

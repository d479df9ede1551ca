/** The network: data in private subnets, load balancers in public ones, nodes where they reach the world, and who may talk to whom. */
import { readiness } from "@warden/functions/deployed";
import { named, namedOf, titled } from "./named.ts";
import type { NewNetwork } from "./sizes.ts";
import type { ExistingNetwork, Site, Stage } from "./stage.ts";

export function network({ network, sites }: Stage) {
  const vpc = network.kind === "new" ? made(network) : existing(network);
  const balancer = new aws.ec2.SecurityGroup("BalancerTraffic", {
    vpcId: vpc.id,
    description: "Visitors reach the load balancer, and it the nodes",
    ingress: [80, 443].map((port) => tcp(port, { cidrBlocks: ["0.0.0.0/0"] })),
    egress: [tcp(readiness.port, { cidrBlocks: [vpc.cidr] })],
    tags: { Name: named("balancer") },
  });
  const nodes = new Map(sites.map((site) => [site.name, trafficOf(site, vpc.id, balancer)]));
  return { ...vpc, traffic: { balancer, nodes } };
}

export type Network = ReturnType<typeof network>;

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

const trafficOf = (site: Site, vpcId: $util.Input<string>, balancer: aws.ec2.SecurityGroup): $util.Output<string> =>
  site.nodes.kind === "existing" ? $output(site.nodes.securityGroup) : nodeTraffic(site, vpcId, balancer).id;

/** One for the nodes of each site: those of one do not reach what only another uses. */
const nodeTraffic = (site: Site, vpcId: $util.Input<string>, balancer: aws.ec2.SecurityGroup) =>
  new aws.ec2.SecurityGroup(titled(site, "NodeTraffic"), {
    vpcId,
    description: "Only the load balancer reaches a node; a node reaches what it needs",
    ingress: [tcp(readiness.port, { securityGroups: [balancer.id] })],
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

export function nodesOf(site: Site, { nodes }: Network["traffic"]): $util.Output<string> {
  const found = nodes.get(site.name);
  if (found === undefined) throw new Error(`${site.name} is no site of this stage`);
  return found;
}

const tcp = (port: number, from: { cidrBlocks?: $util.Input<string>[]; securityGroups?: $util.Input<string>[] }) => ({
  ...{ protocol: "tcp", fromPort: port, toPort: port },
  ...from,
});

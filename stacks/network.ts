/** The network: data in private subnets, the load balancer in public ones, nodes where they reach the world, and who may talk to whom. */
import { readiness } from "@warden/functions/deployed";
import { named } from "./named.ts";
import type { Stage } from "./stage.ts";

export function network({ size }: Stage) {
  const vpc = new sst.aws.Vpc("Network", { az: size.zones, ...(size.nat === "managed" && { nat: size.nat }) });
  const group = (name: string, description: string, ingress: aws.types.input.ec2.SecurityGroupIngress[]) =>
    new aws.ec2.SecurityGroup(name, { vpcId: vpc.id, description, ingress, egress: [], tags: { Name: named(name) } });

  const balancer = new aws.ec2.SecurityGroup("BalancerTraffic", {
    vpcId: vpc.id,
    description: "Visitors reach the load balancer, and it the nodes",
    ingress: [80, 443].map((port) => tcp(port, { cidrBlocks: ["0.0.0.0/0"] })),
    egress: [tcp(readiness.port, { cidrBlocks: [vpc.nodes.vpc.cidrBlock] })],
  });
  const nodes = new aws.ec2.SecurityGroup("NodeTraffic", {
    vpcId: vpc.id,
    description: "Only the load balancer reaches a node; a node reaches what it needs",
    ingress: [tcp(readiness.port, { securityGroups: [balancer.id] })],
    egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
  });
  const fromNodes = (port: number) => [tcp(port, { securityGroups: [nodes.id] })];
  return {
    vpc,
    // Of an instance in a public subnet SST's own setting makes that it has a public address.
    nodeSubnets: size.nat === "managed" ? vpc.privateSubnets : vpc.publicSubnets,
    traffic: {
      balancer,
      nodes,
      database: group("DatabaseTraffic", "Only nodes reach the database", fromNodes(3306)),
      caches: group("CacheTraffic", "Only nodes reach the caches", fromNodes(6379)),
      files: group("FileTraffic", "Only nodes reach the shared files", fromNodes(2049)),
    },
  };
}

export type Network = ReturnType<typeof network>;

const tcp = (port: number, from: { cidrBlocks?: $util.Input<string>[]; securityGroups?: $util.Input<string>[] }) => ({
  ...{ protocol: "tcp", fromPort: port, toPort: port },
  ...from,
});

/** What the machines of the lab share, each part of it a real server: network, data tier, files, metadata, load balancer. */
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { userCredentials } from "@warden/aws-local";
import type { StoryLine, World } from "@warden/worlds/local";
import { type Balancer, startBalancer } from "./balancer.ts";
import { makeCertificate } from "./certificate.ts";
import { type DataTier, dataTier } from "./data-tier.ts";
import { type SharedFiles, sharedFiles } from "./files.ts";
import { metadataSocket, openGate } from "./gate.ts";
import { type About, metadataService } from "./metadata.ts";
import { inNetwork, labAddress, labNetwork, makeLabNetwork } from "./network.ts";
import { labFolder } from "./places.ts";
import { dataPlace, siteCertificate, siteHost, sitePort, webUser } from "./site.ts";

export interface Parts {
  readonly data: DataTier;
  readonly files: SharedFiles;
  readonly balancer: Balancer;
}

/** What ends the lab, in the order in which it was started. */
export type Ending = (() => Promise<void> | void)[];

export type Say = (text: string, tone?: StoryLine["tone"]) => void;

interface Surroundings {
  /** Of AWS. */
  readonly port: number;
  /** In front of each command. */
  readonly within: readonly string[];
  /** What the metadata service says to the machine with this address. */
  about(address: string): About | undefined;
}

export async function startParts({ port, within, about }: Surroundings, ending: Ending): Promise<Parts> {
  makeLabNetwork();
  const inside = [...within, ...inNetwork(labNetwork)];
  const data = await dataTier(labFolder, dataPlace(inside));
  ending.push(data.end);
  const files = await sharedFiles({ folder: labFolder, owner: webUser, within });
  ending.push(files.end);
  const gate = await openGate(port, within);
  ending.push(gate.end);
  ending.push(metadataService(metadataSocket, about).end);
  makeCertificate({ certificate: siteCertificate, key: siteCertificate }, [`DNS:${siteHost}`]);
  const listener = { address: labAddress, port: sitePort, certificate: siteCertificate };
  const balancer = await startBalancer({ ...listener, folder: labFolder, within: inside });
  ending.push(balancer.end);
  return { data, files, balancer };
}

/** Visitors' requests go where AWS's load balancer says. */
export async function balance({ aws, endpoint, region }: World, balancer: Balancer, say: Say): Promise<void> {
  const client = new ElasticLoadBalancingV2Client({ endpoint, region, credentials: userCredentials });
  const { LoadBalancers = [] } = await client.send(new DescribeLoadBalancersCommand({}));
  const LoadBalancerArn = LoadBalancers[0]?.LoadBalancerArn;
  const { Listeners = [] } = await client.send(new DescribeListenersCommand({ LoadBalancerArn }));
  aws.loadBalancing.followRouting(Listeners[0]?.ListenerArn ?? "", (routing) => {
    balancer.follow(routing).catch((error: unknown) => say(`the load balancer: ${String(error)}`, "bad"));
  });
}

/** Moodle's shared files: an encrypted file system, reachable in each zone, only with TLS, through its own access point. */
import { namedOf, titled } from "./named.ts";
import { admit, type Network, traffic } from "./network.ts";
import type { Site, Stage } from "./stage.ts";

export interface SiteFiles {
  /** As a site's configuration says it. */
  readonly mount:
    | { readonly efs: $util.Input<string>; readonly accessPoint: $util.Input<string> }
    | { readonly nfs: string; readonly export: string };
  /** Of the file system, for backups. */
  readonly arn?: $util.Input<string>;
  /** What a node needs before it can mount them. */
  readonly ready: $util.Output<$util.Resource[]>;
}

export function files(stage: Stage, site: Site, network: Network): SiteFiles {
  const wanted = site.files;
  if (wanted.kind === "nfs") return { mount: { nfs: wanted.host, export: wanted.export }, ready: $output([]) };
  if (wanted.kind === "new") return fileSystem(stage, site, network);
  admit(site, "files", wanted.securityGroup, network, [site]);
  return { mount: { efs: wanted.id, accessPoint: wanted.accessPoint }, arn: wanted.arn, ready: $output([]) };
}

function fileSystem(stage: Stage, site: Site, network: Network): SiteFiles {
  const system = new aws.efs.FileSystem(
    titled(site, "Files"),
    {
      ...{ encrypted: true, throughputMode: "elastic", tags: { Name: namedOf(site, "files") } },
      lifecyclePolicies: [{ transitionToIa: "AFTER_30_DAYS" }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }],
    },
    // Not in SST's own list of what is retained.
    { retainOnDelete: stage.production, protect: stage.production },
  );
  const securityGroups = [traffic(site, "files", network, [site]).id];
  const targets = network.privateSubnets.apply((subnets) =>
    subnets.map(
      (subnetId, index) =>
        new aws.efs.MountTarget(titled(site, `FilesTarget${index + 1}`), {
          ...{ fileSystemId: system.id, subnetId, securityGroups },
        }),
    ),
  );
  const point = new aws.efs.AccessPoint(titled(site, "FilesAccess"), {
    ...{ fileSystemId: system.id, posixUser: webUser, tags: { Name: namedOf(site, "files") } },
    rootDirectory: {
      path: "/moodledata",
      creationInfo: { ownerUid: webUser.uid, ownerGid: webUser.gid, permissions: "0750" },
    },
  });
  const policy = new aws.efs.FileSystemPolicy(titled(site, "FilesPolicy"), {
    fileSystemId: system.id,
    policy: $jsonStringify({ Version: "2012-10-17", Statement: onlyThrough(system.arn, point.arn) }),
  });
  return {
    mount: { efs: system.id, accessPoint: point.id },
    arn: system.arn,
    ready: targets.apply((made): $util.Resource[] => [policy, ...made]),
  };
}

/** Whoever comes through it is this user, so that the numbers of an image's users do not matter. */
const webUser = { uid: 33, gid: 33 };

/**
 * The node mounts with TLS and without IAM, so the network and the access point are what lets it in; the access point keeps it
 * in its own directory.
 */
const onlyThrough = (system: $util.Input<string>, point: $util.Input<string>) => [
  {
    ...{ Effect: "Allow", Principal: { AWS: "*" }, Resource: system },
    Action: ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
    Condition: {
      StringEquals: { "elasticfilesystem:AccessPointArn": point },
      Bool: { "elasticfilesystem:AccessedViaMountTarget": "true" },
    },
  },
  {
    ...{ Effect: "Deny", Principal: { AWS: "*" }, Resource: system, Action: "elasticfilesystem:Client*" },
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  },
];

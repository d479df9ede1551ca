/** Moodle's shared files: an encrypted file system, reachable in each zone, only with TLS, through its own access point. */
import { named } from "./named.ts";
import type { Network } from "./network.ts";
import type { Stage } from "./stage.ts";

export function files(stage: Stage, { vpc, traffic }: Network) {
  const system = new aws.efs.FileSystem(
    "Files",
    {
      ...{ encrypted: true, throughputMode: "elastic", tags: { Name: named("files") } },
      lifecyclePolicies: [{ transitionToIa: "AFTER_30_DAYS" }, { transitionToPrimaryStorageClass: "AFTER_1_ACCESS" }],
    },
    // Not in SST's own list of what is retained.
    { retainOnDelete: stage.production, protect: stage.production },
  );
  const targets = vpc.privateSubnets.apply((subnets) =>
    subnets.map(
      (subnetId, index) =>
        new aws.efs.MountTarget(`FilesTarget${index + 1}`, {
          ...{ fileSystemId: system.id, subnetId, securityGroups: [traffic.files.id] },
        }),
    ),
  );
  const point = new aws.efs.AccessPoint("FilesAccess", {
    ...{ fileSystemId: system.id, posixUser: webUser, tags: { Name: named("files") } },
    rootDirectory: {
      path: "/moodledata",
      creationInfo: { ownerUid: webUser.uid, ownerGid: webUser.gid, permissions: "0750" },
    },
  });
  const policy = new aws.efs.FileSystemPolicy("FilesPolicy", {
    fileSystemId: system.id,
    policy: $jsonStringify({ Version: "2012-10-17", Statement: onlyThrough(system.arn, point.arn) }),
  });
  return { system, point, ready: [policy, targets] };
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

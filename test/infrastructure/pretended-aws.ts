/** What AWS would have answered: ids and ARNs in AWS's own shapes, because Warden's code reads them. */
import type { Inputs } from "./graph.ts";

export const region = "eu-west-1";
export const account = "123456789012";

interface Registered {
  readonly type: string;
  readonly name: string;
  /** Of a resource that is only read; empty for one that is made. */
  readonly id: string;
  readonly inputs: Inputs;
}

/** A resource as it is once it was made. */
export function stateOf({ type, name, id, inputs }: Registered): { id: string; state: Inputs } {
  const own = computed[type]?.(inputs, name) ?? {};
  const called = id || (inputs["name"] ?? name);
  const made = id || (own["id"] ?? `${name}-id`);
  const arn = `arn:aws:${type.split(/[:/]/)[1]}:${region}:${account}:${called}`;
  return { id: made, state: { name: called, arn, ...inputs, ...own, id: made } };
}

const arn = (service: string, rest: string): string => `arn:aws:${service}:${region}:${account}:${rest}`;

/** What the provider computes, by type. */
const computed: Readonly<Record<string, (inputs: Inputs, name: string) => Inputs>> = {
  "aws:sqs/queue:Queue": ({ name }) => ({
    ...{ arn: arn("sqs", name), url: `https://sqs.${region}.amazonaws.com/${account}/${name}` },
  }),
  "aws:ec2/vpc:Vpc": ({ cidrBlock }) => ({ id: "vpc-0123456789abcdef0", cidrBlock }),
  "aws:dynamodb/table:Table": ({ name }) => ({ arn: arn("dynamodb", `table/${name}`) }),
  "aws:s3/bucket:Bucket": ({ bucket }) => ({ arn: `arn:aws:s3:::${bucket}`, id: bucket }),
  "aws:iam/role:Role": ({ name }, title) => ({ arn: `arn:aws:iam::${account}:role/${name ?? title}` }),
  "aws:lambda/function:Function": ({ name }) => ({ arn: arn("lambda", `function:${name}`) }),
  "aws:cloudwatch/eventBus:EventBus": ({ name }) => ({ arn: arn("events", `event-bus/${name}`) }),
  "aws:cloudwatch/eventRule:EventRule": ({ name, eventBusName: bus }) => ({
    arn: arn("events", bus === undefined ? `rule/${name}` : `rule/${bus}/${name}`),
  }),
  "aws:ssm/document:Document": () => ({ documentVersion: "1" }),
  "aws:rds/instance:Instance": ({ identifier }) => ({
    ...{ address: `${identifier}.c9abcdefghij.${region}.rds.amazonaws.com`, arn: arn("rds", `db:${identifier}`) },
  }),
  "aws:rds/cluster:Cluster": ({ clusterIdentifier }) => ({
    id: clusterIdentifier,
    endpoint: `${clusterIdentifier}.cluster-c9abcdefghij.${region}.rds.amazonaws.com`,
    arn: arn("rds", `cluster:${clusterIdentifier}`),
  }),
  "aws:elasticache/replicationGroup:ReplicationGroup": ({ replicationGroupId }) => ({
    primaryEndpointAddress: `master.${replicationGroupId}.c9abcd.euw1.cache.amazonaws.com`,
  }),
  "aws:efs/fileSystem:FileSystem": () => ({
    ...{ id: "fs-0123456789abcdef0", arn: arn("elasticfilesystem", "file-system/fs-0123456789abcdef0") },
  }),
  "aws:efs/accessPoint:AccessPoint": () => ({
    ...{ id: "fsap-0123456789abcdef0", arn: arn("elasticfilesystem", "access-point/fsap-0123456789abcdef0") },
  }),
  "aws:secretsmanager/secret:Secret": ({ name }) => ({ arn: arn("secretsmanager", `secret:${name}-AbCdEf`) }),
  "aws:lb/targetGroup:TargetGroup": ({ name }) => ({
    arn: arn("elasticloadbalancing", `targetgroup/${name}/0123456789abcdef`),
    arnSuffix: `targetgroup/${name}/0123456789abcdef`,
  }),
  "aws:lb/loadBalancer:LoadBalancer": ({ name }) => ({ arnSuffix: `app/${name}/0123456789abcdef` }),
  "aws:ec2/launchTemplate:LaunchTemplate": () => ({ id: "lt-0123456789abcdef0", latestVersion: 1 }),
  "aws:acm/certificate:Certificate": ({ domainName }) => ({
    domainValidationOptions: [
      {
        resourceRecordName: `_a.${domainName}`,
        resourceRecordType: "CNAME",
        resourceRecordValue: "_b.acm-validations.aws",
      },
    ],
  }),
  "random:index/randomPassword:RandomPassword": ({ length }) => ({ result: "p".repeat(length) }),
  "random:index/randomBytes:RandomBytes": () => ({ base64: Buffer.alloc(32).toString("base64"), hex: "00" }),
};

/** What a data source answers. */
export function answersOf(token: string, inputs: Inputs): Inputs {
  const name = token.split(":").at(-1) ?? "";
  return { ...inputs, ...sources[name]?.(inputs) };
}

const sources: Readonly<Record<string, (inputs: Inputs) => Inputs>> = {
  getPartition: () => ({ partition: "aws" }),
  getRegion: () => ({ region, name: region }),
  getCallerIdentity: () => ({ accountId: account }),
  getAvailabilityZones: () => ({ names: ["a", "b", "c"].map((zone) => `${region}${zone}`) }),
  getPolicyDocument: ({ statements }) => ({ json: JSON.stringify(statements) }),
  // Of a group that was there before, and fits.
  getGroup: ({ name }) => ({
    ...{ healthCheckType: "EC2", minSize: 2, maxSize: 8 },
    targetGroupArns: [arn("elasticloadbalancing", `targetgroup/${name}/0123456789abcdef`)],
  }),
  getTargetGroup: ({ arn: known }) => ({
    ...{ name: known.split("/")[1], arnSuffix: known.split(":").at(-1), targetType: "instance" },
    ...{ protocol: "HTTP", port: 80, deregistrationDelay: "240" },
    loadBalancerArns: [arn("elasticloadbalancing", "loadbalancer/app/campus/0123456789abcdef")],
  }),
  getAmi: () => ({ id: "ami-0123456789abcdef0" }),
  getZone: () => ({ zoneId: "Z0123456789", id: "Z0123456789" }),
  getZones: () => ({ ids: ["Z0123456789"] }),
};

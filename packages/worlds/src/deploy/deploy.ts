/** Deploys Warden and one site by API calls, in the order in which one thing needs another. */
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { bundleKey, dynamoStore, lastGoodParameter, releaseKey } from "@warden/aws";
import { type Dependency, type SiteAlarm, siteOf } from "@warden/control";
import { groupName, type Policy, siteName } from "@warden/fleet";
import type { WardenFunction } from "@warden/functions/catalogue";
import { nodeGrants } from "@warden/functions/node-grants";
import { documentNames, nameWith } from "@warden/moodle";
import { type Deployment, deploymentParameter } from "../deployment.ts";
import { deployBucket } from "./bucket.ts";
import { deployCacheTopic } from "./caches.ts";
import { arn, type DeployContext } from "./context.ts";
import { deployDocuments } from "./documents.ts";
import { deployGroup, deployLoadBalancer, type FleetSettings, findNetwork } from "./fleet.ts";
import { deployFunctions } from "./functions.ts";
import { deployLanes } from "./lanes.ts";
import { deployInstanceProfile, deployRole, type Resources } from "./roles.ts";
import { deployBus, deployRules } from "./rules.ts";
import { deployTable } from "./table.ts";
import { deployTopic } from "./topic.ts";

export interface DeploySettings {
  readonly site: string;
  readonly fleet: FleetSettings;
  readonly policy: Partial<Policy>;
  /** What its nodes share. */
  readonly dependencies?: readonly Dependency[];
  /** Alarms that speak of it, whoever makes them. */
  readonly alarms?: readonly SiteAlarm[];
  /** What the site's nodes must be; undefined as on AWS, where `warden moodle deploy` gives them their first release. */
  readonly assigned?: { readonly release: string; readonly digest: string };
  readonly code: { readonly bucket: string; key(entry: WardenFunction["entry"]): string };
  /** Added to every function's environment: an endpoint, when it is not AWS's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly without?: (functionName: string, action: string) => boolean;
  /** A function that stands at a breakpoint must not be ended, nor its messages be given to another. */
  readonly debugging?: boolean;
  /** Called when all is there but the group, which launches at once. */
  readonly beforeGroup?: (deployment: Deployment) => Promise<void>;
  /** What each instance runs when it first starts. */
  readonly userData?: (context: DeployContext, deployment: Deployment) => string;
}

export async function deploy(context: DeployContext, settings: DeploySettings): Promise<Deployment> {
  const { site, fleet, debugging = false } = settings;
  const table = await deployTable(context);
  const bus = await deployBus(context);
  const bucket = await deployBucket(context);
  const queues = await deployLanes(context, debugging);
  await deployCacheTopic(context, queues);
  const topic = await deployTopic(context);
  const network = await findNetwork(context);
  const targetGroupArn = await deployLoadBalancer(context, fleet, network);
  const documents = await deployDocuments(context);

  const resources: Resources = {
    anything: ["*"],
    groups: [arn(context, "autoscaling", `autoScalingGroup:*:autoScalingGroupName/${fleet.group}`)],
    "target groups": [targetGroupArn],
    documents: documentNames.map((name) => arn(context, "ssm", `document/${nameWith(documents.prefix, name)}`)),
    instances: [arn(context, "ec2", "instance/*")],
    table: [arn(context, "dynamodb", `table/${table}`)],
    lanes: [queues.urgent.arn, queues.normal.arn],
    "own lane": [],
    "dead letters": [queues.normal.dlqArn],
    bus: [arn(context, "events", `event-bus/${bus}`)],
    topic: [topic],
    alarms: [arn(context, "cloudwatch", "alarm:*")],
    bundles: [bundleKey("*"), releaseKey("*")].map((key) => `arn:aws:s3:::${bucket}/${key}`),
    secrets: secretArns(context, settings.dependencies ?? []),
    "last good": [arn(context, "ssm", `parameter${lastGoodParameter({ site, group: fleet.group })}`)],
  };
  const deployed = await deployFunctions(context, {
    code: settings.code,
    environment: settings.environment,
    surroundings: {
      ...{ table, bus, topic, stage: context.stage },
      urgentQueueUrl: queues.urgent.url,
      normalQueueUrl: queues.normal.url,
      documents: JSON.stringify(documents),
    },
    queues,
    resources,
    debugging,
    without: settings.without ?? (() => false),
  });
  const deployment: Deployment = {
    v: 1,
    stage: context.stage,
    deployedAt: settings.now(),
    table,
    bus,
    bucket,
    queues,
    ...deployed,
    documents,
    rules: await deployRules(context, queues),
    resources: mutable(resources),
  };
  await describe(context, settings, deployment);
  await deployRole(context, "node", "ec2.amazonaws.com", nodeGrants, resources);
  const instanceProfile = await deployInstanceProfile(context, "node");
  await settings.beforeGroup?.(deployment);
  await deployGroup(context, fleet, {
    ...{
      subnets: network.subnets,
      targetGroupArn,
      instanceProfile,
      userData: settings.userData?.(context, deployment),
    },
  });
  return deployment;
}

/** Writes down what the loop, the nodes and the command need to know. */
async function describe(context: DeployContext, settings: DeploySettings, deployment: Deployment): Promise<void> {
  const store = dynamoStore(context.clients.dynamodb, deployment.table, settings.now);
  const { policy, dependencies = [], alarms = [] } = settings;
  await store.putSite(siteOf(settings.site, [settings.fleet.group], policy, { dependencies, alarms }));
  const put = (Name: string, value: unknown) =>
    context.clients.ssm.send(
      // A deployment is described in more than the 4,096 characters of the standard tier.
      new PutParameterCommand({
        Name,
        Type: "String",
        Tier: "Advanced",
        Value: JSON.stringify(value),
        Overwrite: true,
      }),
    );
  await put(deploymentParameter(context.stage), deployment);
  if (settings.assigned === undefined) return;
  await store.assign(siteName(settings.site), groupName(settings.fleet.group), settings.assigned);
  await put(lastGoodParameter({ site: settings.site, group: settings.fleet.group }), { v: 1, ...settings.assigned });
}

/** Secrets Manager adds a dash and six characters to the name of a secret (API reference, CreateSecret). */
const secretArns = (context: DeployContext, dependencies: readonly Dependency[]): string[] =>
  dependencies
    .filter(({ service }) => service === "secretsmanager")
    .map(({ name }) => (name.startsWith("arn:") ? name : arn(context, "secretsmanager", `secret:${name}-??????`)));

const mutable = (resources: Resources): Record<string, string[]> =>
  Object.fromEntries(Object.entries(resources).map(([name, arns]) => [name, [...arns]]));

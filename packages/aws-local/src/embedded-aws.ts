/** One embedded AWS: an account with one Region, its services wired to each other, behind one router. */
import { AwsError } from "./aws-error.ts";
import type { Clock } from "./clock.ts";
import { createLimits, type LimitsProfile } from "./limits/limits.ts";
import type { Random } from "./random.ts";
import type {
  AgentRegistry,
  AlarmActions,
  EventIntake,
  Functions,
  Host,
  Hosts,
  Instance,
  Instances,
  LifecycleObserver,
  Metrics,
  Surroundings,
  Timings,
} from "./region.ts";
import { createAutoScaling } from "./services/auto-scaling/index.ts";
import { createBackup } from "./services/backup/backup.ts";
import { createCloudWatch } from "./services/cloudwatch/cloudwatch.ts";
import { createDynamoDb } from "./services/dynamodb/dynamodb.ts";
import { createEc2, type Ec2 } from "./services/ec2/ec2.ts";
import { createLoadBalancing, type LoadBalancing } from "./services/elastic-load-balancing/elastic-load-balancing.ts";
import { createElastiCache, type ElastiCache } from "./services/elasticache/elasticache.ts";
import { createEventBridge, type EventBridgeOptions } from "./services/eventbridge/eventbridge.ts";
import { createIam, type Iam } from "./services/iam/iam.ts";
import { type ResourceLookups, resourcesOf } from "./services/iam/resources.ts";
import type { EnvironmentLauncher } from "./services/lambda/environment.ts";
import type { CodeStore } from "./services/lambda/function-operations.ts";
import { createLambda, type LambdaService } from "./services/lambda/index.ts";
import { createS3 } from "./services/s3/s3.ts";
import { createSecretsManager } from "./services/secrets-manager/secrets-manager.ts";
import { createSns } from "./services/sns/index.ts";
import { createSqs } from "./services/sqs/index.ts";
import { type AgentPace, createSsm } from "./services/ssm/index.ts";
import { createSts } from "./services/sts/sts.ts";
import type { CallRecord } from "./wire/gate.ts";
import { type Credentials, createSessions } from "./wire/identity.ts";
import { createRouter, type Router } from "./wire/router.ts";

export interface EmbeddedAwsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly region?: string;
  readonly account?: string;
  readonly timings: Timings;
  readonly limits: LimitsProfile;
  /** Where callers outside this process reach it: part of queue URLs. */
  readonly endpoint: () => string;
  /** Makes the machine behind an instance, with the credentials of the instance's own role. */
  readonly createHost: (instance: Instance, agents: AgentRegistry, credentials: Credentials | undefined) => Host;
  readonly launcher: EnvironmentLauncher;
  readonly codeStore: CodeStore;
  readonly eventFaults?: EventBridgeOptions["faults"];
  readonly agentPace?: AgentPace;
  readonly observe?: (record: CallRecord) => void;
  readonly lifecycleObserver?: LifecycleObserver;
  /** How long a function may take to start, in milliseconds of the clock; Lambda's own 10 s unless given. */
  readonly initTimeout?: number;
  /** A line that a function printed. */
  readonly log?: (functionName: string, line: string) => void;
  /** A defect of the embedded AWS itself. */
  readonly onDefect: (error: unknown) => void;
}

export interface EmbeddedAws {
  readonly region: string;
  readonly account: string;
  readonly router: Router;
  readonly faults: Ec2["faults"];
  readonly elastiCache: Pick<ElastiCache, "faults">;
  readonly iam: Pick<Iam, "authorizer">;
  readonly instances: Instances;
  readonly hosts: Hosts;
  readonly lambda: Pick<LambdaService, "kill" | "statistics">;
  readonly loadBalancing: Pick<LoadBalancing, "followRouting" | "serving" | "targetGroups">;
  /** Credentials of a role, as its functions and instances get them. */
  credentialsFor(roleArn: string, sessionName: string): Credentials;
  stop(): void;
}

export function createEmbeddedAws(options: EmbeddedAwsOptions): EmbeddedAws {
  const { clock, random, region = "eu-west-1", account = "000000000000", onDefect } = options;
  const surroundings: Surroundings = { clock, random, region, account, timings: options.timings };
  const sessions = createSessions(clock, random);
  const iam = createIam(surroundings);
  const { authorizer, resourcePolicies } = iam;
  const sts = createSts(surroundings, { sessions, trusts: iam.trusts });

  // Services that need each other in a circle meet through these: each is set as soon as it is made.
  const late: Late = {};
  const metrics: Metrics = { put: (...metric) => late.metrics?.put(...metric) };
  const events: EventIntake = { emit: (event) => late.events?.emit(event) };
  const agents: AgentRegistry = {
    ping: (instanceId) => late.agents?.ping(instanceId),
    silence: (instanceId) => late.agents?.silence(instanceId),
  };
  const functions: Functions = { invokeLater: (...call) => needed(late.functions).invokeLater(...call) };
  const alarmActions: AlarmActions = { executePolicy: (...call) => needed(late.alarmActions).executePolicy(...call) };

  const sqs = createSqs(surroundings, { resourcePolicies, endpoint: options.endpoint });
  const sns = createSns(surroundings, { queues: sqs.queues, functions, resourcePolicies });
  const lambda = createLambda(surroundings, {
    queues: sqs.queues,
    resourcePolicies,
    launcher: options.launcher,
    codeStore: options.codeStore,
    trusts: iam.trusts,
    authorizer,
    credentialsFor: sts.credentialsFor,
    metrics,
    ...(options.log !== undefined && { log: options.log }),
    ...(options.initTimeout !== undefined && { initTimeout: options.initTimeout }),
  });
  late.functions = lambda.functions;
  const eventBridge = createEventBridge(surroundings, {
    queues: sqs.queues,
    topics: sns.topics,
    functions,
    metrics,
    ...(options.eventFaults !== undefined && { faults: options.eventFaults }),
  });
  late.events = eventBridge.intake;

  const ec2 = createEc2(surroundings, {
    createHost: (instance, registry) => options.createHost(instance, registry, credentialsOf(instance)),
    agents,
    events,
    roleOfProfile: iam.roleOfInstanceProfile,
  });
  const { instances, hosts, subnets } = ec2;
  const ssm = createSsm(surroundings, { hosts, instances, events }, options.agentPace);
  late.agents = ssm.agents;
  const loadBalancing = createLoadBalancing(surroundings, {
    instances,
    hosts,
    metrics,
    subnets,
    vpcId: ec2.network.vpc.id,
  });
  const autoScaling = createAutoScaling(surroundings, {
    instances,
    launchTemplates: ec2.launchTemplates,
    subnets,
    targetGroups: loadBalancing.targetGroups,
    events,
    metrics,
    queues: sqs.queues,
    topics: sns.topics,
    hosts,
    ...(options.lifecycleObserver !== undefined && { observer: options.lifecycleObserver }),
  });
  late.alarmActions = autoScaling.alarmActions;
  const secretsManager = createSecretsManager(surroundings, { events });
  const elastiCache = createElastiCache(surroundings, {
    topics: sns.topics,
    zones: ec2.network.subnets.map(({ zone }) => zone),
  });
  const backup = createBackup(surroundings, { trusts: iam.trusts });
  const cloudWatch = createCloudWatch(surroundings, { events, alarmActions, topics: sns.topics, functions });
  late.metrics = cloudWatch.metrics;

  const lookups: ResourceLookups = {
    region,
    account,
    // Each service knows the tags of its own resources only.
    tagsOf: (arn) => ({
      ...autoScaling.tagsOf(arn),
      ...ec2.tagsOf(arn),
      ...loadBalancing.tagsOf(arn),
      ...elastiCache.tagsOf(arn),
      ...backup.tagsOf(arn),
    }),
    autoScalingGroupArn: autoScaling.autoScalingGroupArn,
    autoScalingGroupOfInstance: autoScaling.autoScalingGroupOfInstance,
    roleOfLaunchTemplate: ({ id, name, version }) =>
      ifFound(() => ec2.launchTemplates.resolve({ id, name, version }).roleName),
    roleOfInstanceProfile: iam.roleOfInstanceProfile,
    secretArn: secretsManager.arnOf,
  };

  const router = createRouter({
    services: [
      autoScaling,
      backup,
      cloudWatch,
      createDynamoDb(surroundings),
      ec2,
      elastiCache,
      eventBridge,
      iam,
      lambda,
      loadBalancing,
      createS3(surroundings),
      secretsManager,
      sns,
      sqs,
      ssm,
      sts,
    ].map(({ service }) => service),
    region,
    clock,
    random,
    identify: sts.identify,
    limits: createLimits(options.limits, clock, region),
    authorize: ({ service, operation, input, principal }) => {
      if (principal.kind === "user") return;
      for (const request of resourcesOf(service, operation, input, lookups))
        authorizer.authorize({ ...principal, ...request });
    },
    onDefect,
    observe: options.observe,
  });

  function credentialsOf({ roleName, instanceId }: Instance): Credentials | undefined {
    return roleName === undefined
      ? undefined
      : sts.credentialsFor(`arn:aws:iam::${account}:role/${roleName}`, instanceId);
  }

  return {
    region,
    account,
    router,
    faults: ec2.faults,
    elastiCache,
    iam,
    instances,
    hosts,
    lambda,
    loadBalancing,
    credentialsFor: sts.credentialsFor,
    stop: () => lambda.stop(),
  };
}

interface Late {
  metrics?: Metrics;
  events?: EventIntake;
  agents?: AgentRegistry;
  functions?: Functions;
  alarmActions?: AlarmActions;
}

function needed<T>(service: T | undefined): T {
  if (service === undefined) throw new Error("a service was called before the region was complete");
  return service;
}

/** Who asks for what is not there is told so by the operation itself, after it was authorised. */
function ifFound<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

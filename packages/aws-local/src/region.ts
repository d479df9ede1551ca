/**
 * What the embedded services know of each other. Each service implements one of these interfaces for its neighbours,
 * beside its operations for callers from outside; none reaches into another's state.
 */
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/** What every service is given. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly region: string;
  readonly account: string;
  /** Where delays come from: AWS-like, or short ones for a laptop. */
  readonly timings: Timings;
}

/** Delays inside AWS itself, in milliseconds. A modelled host brings its own (see `hosts/machine.ts`). */
export interface Timings {
  /** RunInstances to `running`. */
  readonly instanceStart: Range;
  /** `shutting-down` to `terminated`. */
  readonly instanceStop: Range;
  /** An event of an AWS service until it reaches the bus, and the bus to its target. */
  readonly eventDelivery: Range;
  /** SendCommand until the agent has it. */
  readonly commandDelivery: Range;
  /** How long GetCommandInvocation answers InvocationDoesNotExist, and lists leave a new command out. */
  readonly commandVisible: Range;
  /** How often Auto Scaling compares desired with actual, and looks at the health of instances. */
  readonly groupPass: number;
  /** CreateReplicationGroup to `available`. */
  readonly cacheCreation: Range;
  /** ModifyReplicationGroup, where it takes time. */
  readonly cacheModification: Range;
  readonly cacheDeletion: Range;
  /** A primary that is lost, or TestFailover, until a replica has its role. */
  readonly cacheFailover: Range;
  /** From there until ElastiCache begins to replace the lost node. */
  readonly cacheRecoveryStart: Range;
  readonly cacheRecovery: Range;
  /** StartBackupJob to `RUNNING`. */
  readonly backupStart: Range;
  /** From there to `COMPLETED`. */
  readonly backupCompletion: Range;
  /** How old a describe of Auto Scaling, SSM or ELB may be (read-after-write gap). */
  readonly staleReads: Range;
}

/** Milliseconds, from low to high, drawn evenly. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

// ---- Events ---------------------------------------------------------------------------------------------------

/** An event as an AWS service hands it to EventBridge; account, region, id, time and version are added there. */
export interface ServiceEvent {
  readonly source: `aws.${string}`;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** EventBridge, to its neighbours. */
export interface EventIntake {
  /** Puts a service's event on the default bus; best effort, so it may be lost, repeated or late. */
  emit(event: ServiceEvent): void;
}

// ---- Queues, topics, functions ---------------------------------------------------------------------------------

/** A service acting for a resource of its own, as queue, topic and function policies see it. */
export interface ServicePrincipal {
  /** `events.amazonaws.com`, `sns.amazonaws.com`, `autoscaling.amazonaws.com` … */
  readonly service: string;
  /** The rule, topic or group it acts for: `aws:SourceArn` in the resource policy. */
  readonly sourceArn: string;
}

/** SQS, to its neighbours. */
export interface Queues {
  /** Delivers one message; throws `AwsError` `AccessDenied` where the queue's policy does not allow it. */
  deliver(queueArn: string, body: string, from: ServicePrincipal, extras?: DeliveryExtras): void;
  /** For Lambda's pollers. Takes up to `most` visible messages and hides each for the queue's visibility time-out. */
  receive(queueArn: string, most: number): readonly ReceivedMessage[];
  remove(queueArn: string, receiptHandle: string): void;
  /** Makes a message visible again at once. */
  giveBack(queueArn: string, receiptHandle: string): void;
  /** Tells when a message becomes visible, so that nobody has to poll the clock. Returns a function that unsubscribes. */
  onArrival(queueArn: string, listener: () => void): () => void;
}

/** What a message may carry beside its body. */
export interface DeliveryExtras {
  /** Becomes the message's `AWSTraceHeader`. */
  readonly traceHeader?: string;
  readonly messageAttributes?: ReceivedMessage["messageAttributes"];
  readonly messageGroupId?: string;
  readonly messageDeduplicationId?: string;
}

/** SQS, to Lambda: its pollers and destinations act for the function's role, so the queue's policy is not asked. */
export interface PolledQueues extends Queues {
  /** In milliseconds; undefined where there is no such queue. */
  visibilityTimeout(queueArn: string): number | undefined;
  /** Sends for a role that the caller has already authorised. */
  send(queueArn: string, body: string, senderId: string, extras?: DeliveryExtras): void;
}

export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** SentTimestamp, ApproximateReceiveCount, AWSTraceHeader … as SQS names them. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<
    Record<string, { dataType: string; stringValue?: string; binaryValue?: string }>
  >;
}

/** SNS, to its neighbours. */
export interface Topics {
  publish(topicArn: string, message: { subject?: string; body: string }, from: ServicePrincipal): void;
}

/** Lambda, to its neighbours. */
export interface Functions {
  /** Queues an asynchronous invocation, as EventBridge and SNS do; throws `AwsError` where the function's policy does not allow it. */
  invokeLater(
    functionArn: string,
    payload: string,
    from: ServicePrincipal,
    extras?: Pick<DeliveryExtras, "traceHeader">,
  ): void;
}

// ---- Instances --------------------------------------------------------------------------------------------------

export type InstanceState = "pending" | "running" | "shutting-down" | "terminated" | "stopping" | "stopped";

export interface LaunchRequest {
  readonly launchTemplate: { readonly id: string; readonly version: string } | undefined;
  readonly imageId: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly subnetId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly userData: string | undefined;
  /** Name of the instance profile's role: what the instance may do by itself. */
  readonly roleName: string | undefined;
  readonly spot: boolean;
}

export interface Instance extends LaunchRequest {
  readonly instanceId: string;
  readonly privateIp: string;
  readonly launchedAt: number;
  readonly state: InstanceState;
}

/** EC2, to its neighbours. */
export interface Instances {
  /** Starts one instance; it is `pending` at once. Throws `AwsError` where there is no capacity. */
  launch(request: LaunchRequest): Instance;
  terminate(instanceId: string, reason: string): void;
  /** For warm pools. */
  stop(instanceId: string): void;
  start(instanceId: string): void;
  /** Undefined once AWS has forgotten the instance (about an hour after its end). */
  find(instanceId: string): Instance | undefined;
  findByIp(privateIp: string): Instance | undefined;
  /** Marks both status checks, as an impaired host does. */
  setStatusChecks(instanceId: string, status: "ok" | "impaired"): void;
  statusChecks(instanceId: string): "ok" | "initializing" | "impaired";
  onStateChange(listener: (instance: Instance, previous: InstanceState) => void): void;
}

/** EC2's launch templates, to Auto Scaling. */
export interface LaunchTemplates {
  /**
   * Finds one version of a template; without a version, or with `$Default`, the default one, with `$Latest` the newest.
   * Throws `AwsError` with EC2's own code where there is none.
   */
  resolve(template: {
    readonly id: string | undefined;
    readonly name: string | undefined;
    readonly version: string | undefined;
  }): ResolvedLaunchTemplate;
}

export interface ResolvedLaunchTemplate {
  readonly id: string;
  readonly name: string;
  /** A number as text, never `$Latest` or `$Default`. */
  readonly version: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly userData: string | undefined;
  readonly roleName: string | undefined;
  readonly spot: boolean;
  /** Of its `TagSpecifications` for instances. */
  readonly tags: Readonly<Record<string, string>>;
}

/** EC2's subnets, to Auto Scaling. */
export interface Subnets {
  /** Undefined for a subnet that does not exist. */
  availabilityZone(subnetId: string): string | undefined;
  /** The default VPC's subnet in a zone. */
  defaultSubnet(availabilityZone: string): string | undefined;
}

// ---- Load balancing -----------------------------------------------------------------------------------------------

export type TargetState = "initial" | "healthy" | "unhealthy" | "unused" | "draining" | "unavailable";

export interface TargetHealth {
  readonly instanceId: string;
  readonly port: number;
  readonly state: TargetState;
  readonly reason?: string;
  readonly description?: string;
}

/** ELBv2, to its neighbours. */
export interface TargetGroups {
  register(targetGroupArn: string, instanceId: string): void;
  /** Begins `draining`, which lasts the whole deregistration delay however idle the target is. */
  deregister(targetGroupArn: string, instanceId: string): void;
  /** Undefined for a target that is not registered and no longer draining. */
  health(targetGroupArn: string, instanceId: string): TargetHealth | undefined;
  exists(targetGroupArn: string): boolean;
  onHealthChange(listener: (targetGroupArn: string, health: TargetHealth) => void): void;
}

/** Where a listener's default action sends requests: one entry for each target group that it forwards to. */
export type Routing = readonly RoutedGroup[];

export interface RoutedGroup {
  readonly targetGroupArn: string;
  /** Milliseconds. */
  readonly deregistrationDelay: number;
  /** A target that was deregistered is here until its delay is over: what is still open to it is cut then. */
  readonly targets: readonly RoutedTarget[];
}

export interface RoutedTarget {
  readonly instanceId: string;
  /** Private, as EC2 gave it. */
  readonly address: string;
  readonly port: number;
  readonly health: RoutedHealth;
  /** Whether new requests go to it: the healthy, or all that are registered when too few are healthy (fail-open). */
  readonly takesRequests: boolean;
}

/** `until`: in the time of this region. */
export type RoutedHealth =
  | { readonly state: Exclude<TargetState, "draining"> }
  | { readonly state: "draining"; readonly until: number };

// ---- Watching -----------------------------------------------------------------------------------------------------

/** Told what Auto Scaling does, as it does it: for those who check its behaviour and Warden's from outside. */
export interface LifecycleObserver {
  moved(instanceId: string, lifecycleState: string): void;
  /** Why the instance leaves, in Auto Scaling's own words. */
  terminating(instanceId: string, cause: string): void;
  actionBegan(action: ObservedAction): void;
  /** `timeout`: nobody answered in time, so the default result stands. */
  actionEnded(action: ObservedAction, result: "CONTINUE" | "ABANDON", by: "answer" | "timeout" | "deletion"): void;
}

export interface ObservedAction {
  readonly instanceId: string;
  readonly hook: string;
  readonly transition: string;
  readonly token: string;
}

// ---- Hosts --------------------------------------------------------------------------------------------------------

/**
 * The machine behind an instance: modelled (`hosts/machine.ts`, the simulator) or real (the lab). EC2 powers it, the
 * load balancer asks it, SSM's agent lives on it.
 */
export interface Host {
  readonly instanceId: string;
  /** The instance is running: the machine boots, then its agent and watcher start. */
  powerOn(): void;
  /** `shutdown`: services get a signal and a moment; `kill`: power is cut. */
  powerOff(how: "shutdown" | "kill"): void;
  /** One HTTP request from the load balancer's health check or a client. */
  request(port: number, path: string): Promise<HostAnswer>;
  /** Hands a document to the agent. Undefined while no agent listens. */
  run(run: DocumentRun): RunningDocument | undefined;
  /** What the instance metadata service tells programs on the machine; EC2 sets it, the watcher reads it. */
  readonly metadata: InstanceMetadata;
  /** Ends the model's timers and processes; the instance is gone. */
  dispose(): void;
}

export type HostAnswer = { readonly status: number; readonly body: string } | "refused" | "timeout";

export interface InstanceMetadata {
  spotAction?: { action: "terminate" | "stop" | "hibernate"; time: string };
  rebalance?: { noticeTime: string };
  /** Replace the list to change it: the machine notices members that are set. */
  maintenance?: readonly { code: string; notBefore: string; state: "active" | "canceled" | "completed" }[];
  /** `autoscaling/target-lifecycle-state`: what Auto Scaling wants this instance to become. */
  targetLifecycleState?: string;
}

export interface DocumentRun {
  readonly commandId: string;
  readonly documentName: string;
  readonly documentVersion: string;
  /** After defaults were filled in. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  /** The document's content as registered, parsed. */
  readonly content: unknown;
  /** Seconds that the step may run; the agent on the host enforces it. */
  readonly executionTimeout: number;
}

export interface RunningDocument {
  /** Never rejects: a failure is an exit code. */
  readonly finished: Promise<DocumentResult>;
  cancel(): void;
}

export interface DocumentResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The agent stopped it at its `executionTimeout`. */
  readonly timedOut?: boolean;
}

/** SSM's view of the agents: a host's agent registers, pings and goes silent. */
export interface AgentRegistry {
  /** The agent registered or pinged. */
  ping(instanceId: string): void;
  /** The agent stopped with its machine; it shows `ConnectionLost` once its last ping is old enough. */
  silence(instanceId: string): void;
}

/** Makes the machine of a new instance. The world chooses which kind. */
export type HostFactory = (instance: Instance, agents: AgentRegistry) => Host;

/** All machines, by instance. EC2 adds and removes; the load balancer and SSM look up. */
export interface Hosts {
  find(instanceId: string): Host | undefined;
}

// ---- Metrics ------------------------------------------------------------------------------------------------------

/** CloudWatch, to its neighbours. */
export interface Metrics {
  put(namespace: string, name: string, value: number, dimensions: Readonly<Record<string, string>>): void;
}

/** What an alarm does when it changes state, for the services that alarms act on. */
export interface AlarmActions {
  /** Scaling policies of Auto Scaling. */
  executePolicy(policyArn: string, metricValue: number, threshold: number): void;
}

// ---- Authorisation -----------------------------------------------------------------------------------------------

/** IAM, to the wire layer and to services that act for a role. */
export interface Authorizer {
  /** Throws `AwsError` `AccessDenied` with AWS's own sentence when the role's policies do not allow the action on every resource. */
  authorize(request: AuthorizationRequest): void;
}

export interface AuthorizationRequest {
  readonly roleName: string;
  readonly sessionName: string;
  /** `ssm:SendCommand` */
  readonly action: string;
  /** ARNs that the call touches; `*` where the action takes no resource. */
  readonly resources: readonly string[];
  /** Condition keys that the call carries, as `autoscaling:ResourceTag/site`. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** Evaluates the policy that a queue, topic or function carries. Same-account semantics: either side may allow. */
export interface ResourcePolicies {
  allows(
    policy: string | undefined,
    request: { principal: ServicePrincipal; action: string; resource: string },
  ): boolean;
}

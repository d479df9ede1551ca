/** Event source mappings from SQS queues; each enabled one has a poller. */
import type * as lambda from "@aws-sdk/client-lambda";
import { ResourceConflictException, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import type { PolledQueues, Range, Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { invalid, notModelled, refuseUnmodelled } from "./errors.ts";
import type { LambdaFunction } from "./function.ts";
import type { Invoker } from "./invoker.ts";
import { type Poller, type PollerSettings, startPoller } from "./poller.ts";
import type { FunctionRegistry } from "./registry.ts";
import type { RoleCheck } from "./role.ts";

interface Mapping {
  readonly uuid: string;
  readonly queueArn: string;
  readonly tags: Record<string, string>;
  target: LambdaFunction;
  settings: PollerSettings;
  poller: Poller | undefined;
  lastModified: number;
}

/** Members for other kinds of sources, or that change which messages arrive. */
const unmodelled = `FilterCriteria KMSKeyArn MetricsConfig LoggingConfig ParallelizationFactor StartingPosition
  StartingPositionTimestamp DestinationConfig MaximumRecordAgeInSeconds BisectBatchOnFunctionError MaximumRetryAttempts
  TumblingWindowInSeconds Topics Queues SourceAccessConfigurations SelfManagedEventSource
  AmazonManagedKafkaEventSourceConfig SelfManagedKafkaEventSourceConfig DocumentDBEventSourceConfig
  ProvisionedPollerConfig`.split(/\s+/);

export function createEventSourceMappings(
  surroundings: Surroundings,
  given: {
    registry: FunctionRegistry;
    invoker: Invoker;
    queues: PolledQueues;
    mayDo: RoleCheck;
    /** Between a message's becoming visible and the poller's receive. */
    delay: Range;
  },
) {
  const { clock, random, region, account } = surroundings;
  const { registry, queues } = given;
  const mappings = new Map<string, Mapping>();

  const operations = {
    CreateEventSourceMapping(input) {
      refuseUnmodelled(input, unmodelled);
      const target = registry.need(input.FunctionName);
      const queueArn = input.EventSourceArn ?? "";
      const settings = settingsOf(input, queueArn);
      checkSource(target, queueArn);
      for (const other of mappings.values())
        if (other.queueArn === queueArn && other.target === target) throw alreadyMapped(queueArn, target, other);
      const mapping: Mapping = {
        uuid: random.uuid(),
        queueArn,
        tags: { ...input.Tags },
        target,
        settings,
        poller: undefined,
        lastModified: clock.now(),
      };
      mappings.set(mapping.uuid, mapping);
      if (input.Enabled !== false) start(mapping);
      // AWS takes seconds to begin; here it polls at once, and only this answer says so.
      return { ...described(mapping), State: "Creating" };
    },

    UpdateEventSourceMapping(input) {
      refuseUnmodelled(input, unmodelled);
      const mapping = need(input.UUID);
      mapping.target = registry.need(input.FunctionName ?? mapping.target.name);
      checkSource(mapping.target, mapping.queueArn);
      mapping.settings = settingsOf(input, mapping.queueArn, mapping.settings);
      mapping.lastModified = clock.now();
      const shouldRun = input.Enabled ?? mapping.poller !== undefined;
      stop(mapping);
      if (shouldRun) start(mapping);
      return { ...described(mapping), State: "Updating" };
    },

    DeleteEventSourceMapping(input) {
      const mapping = need(input.UUID);
      stop(mapping);
      mappings.delete(mapping.uuid);
      return { ...described(mapping), State: "Deleting" };
    },

    GetEventSourceMapping: (input) => described(need(input.UUID)),

    ListEventSourceMappings(input) {
      const target = input.FunctionName === undefined ? undefined : registry.need(input.FunctionName);
      const found = [...mappings.values()].filter(
        (mapping) =>
          (input.EventSourceArn === undefined || mapping.queueArn === input.EventSourceArn) &&
          (target === undefined || mapping.target === target),
      );
      return { EventSourceMappings: found.map(described) };
    },
  } satisfies Operations<typeof lambda>;

  /** What AWS checks when a mapping is made or changed. */
  function checkSource(target: LambdaFunction, queueArn: string): void {
    const visibility = queues.visibilityTimeout(queueArn);
    if (visibility === undefined)
      throw invalid(
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.",
      );
    if (visibility < target.configuration.timeout * 1000)
      throw invalid(
        `Queue visibility timeout: ${visibility / 1000} seconds is less than Function timeout: ${target.configuration.timeout} seconds`,
      );
    for (const action of ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"])
      try {
        given.mayDo(target.configuration.role, target.name, `sqs:${action}`, queueArn);
      } catch {
        throw invalid(`The function execution role does not have permissions to call ${action} on SQS`);
      }
  }

  function start(mapping: Mapping): void {
    mapping.poller = startPoller(surroundings, {
      queueArn: mapping.queueArn,
      target: mapping.target,
      settings: () => mapping.settings,
      queues,
      invoker: given.invoker,
      checkRole() {
        const { role } = mapping.target.configuration;
        given.mayDo(role, mapping.target.name, "sqs:ReceiveMessage", mapping.queueArn);
        given.mayDo(role, mapping.target.name, "sqs:DeleteMessage", mapping.queueArn);
      },
      delay: given.delay,
    });
  }

  function stop(mapping: Mapping): void {
    mapping.poller?.stop();
    mapping.poller = undefined;
  }

  function need(uuid: string): Mapping {
    const mapping = mappings.get(uuid);
    if (mapping === undefined)
      throw new ResourceNotFoundException({
        Type: "User",
        message: "The resource you requested does not exist.",
        $metadata: {},
      });
    return mapping;
  }

  function described(mapping: Mapping): lambda.EventSourceMappingConfiguration {
    const { settings } = mapping;
    return {
      UUID: mapping.uuid,
      EventSourceMappingArn: `arn:aws:lambda:${region}:${account}:event-source-mapping:${mapping.uuid}`,
      EventSourceArn: mapping.queueArn,
      FunctionArn: mapping.target.arn,
      BatchSize: settings.batchSize,
      MaximumBatchingWindowInSeconds: settings.window / 1000,
      FunctionResponseTypes: settings.reportsItemFailures ? ["ReportBatchItemFailures"] : [],
      ...(settings.maximumConcurrency !== undefined && {
        ScalingConfig: { MaximumConcurrency: settings.maximumConcurrency },
      }),
      LastModified: new Date(mapping.lastModified),
      LastProcessingResult: mapping.poller?.lastResult() ?? "No records processed",
      State: mapping.poller === undefined ? "Disabled" : "Enabled",
      StateTransitionReason: "USER_INITIATED",
    };
  }

  return {
    operations,
    tagsOf: (arn: string) => mappings.get(arn.split(":event-source-mapping:")[1] ?? "")?.tags,
    /** The function is deleted; its mappings stay, as on AWS, but have nothing to invoke. */
    stopFor(target: LambdaFunction): void {
      for (const mapping of mappings.values()) if (mapping.target === target) stop(mapping);
    },
    stopAll(): void {
      for (const mapping of mappings.values()) stop(mapping);
    },
  };
}

interface SettingsInput {
  readonly BatchSize?: number | undefined;
  readonly MaximumBatchingWindowInSeconds?: number | undefined;
  readonly ScalingConfig?: { readonly MaximumConcurrency?: number | undefined } | undefined;
  readonly FunctionResponseTypes?: readonly string[] | undefined;
}

function settingsOf(input: SettingsInput, queueArn: string, previous?: PollerSettings): PollerSettings {
  if (!queueArn.startsWith("arn:aws:sqs:")) throw notModelled("an event source other than SQS");
  if (queueArn.endsWith(".fifo")) throw notModelled("a FIFO queue as event source");
  const batchSize = input.BatchSize ?? previous?.batchSize ?? 10;
  const window = (input.MaximumBatchingWindowInSeconds ?? (previous?.window ?? 0) / 1000) * 1000;
  const maximumConcurrency =
    input.ScalingConfig === undefined ? previous?.maximumConcurrency : input.ScalingConfig.MaximumConcurrency;
  if (batchSize > 10_000) throw invalid("Batch size must be between 1 and 10000");
  if (batchSize > 10 && window < 1000)
    throw invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10");
  if (maximumConcurrency !== undefined && (maximumConcurrency < 2 || maximumConcurrency > 1000))
    throw invalid("MaximumConcurrency must be between 2 and 1000");
  return {
    batchSize,
    window,
    maximumConcurrency,
    reportsItemFailures:
      input.FunctionResponseTypes?.includes("ReportBatchItemFailures") ?? previous?.reportsItemFailures ?? false,
  };
}

const alreadyMapped = (queueArn: string, target: LambdaFunction, existing: Mapping): Error =>
  new ResourceConflictException({
    Type: "User",
    message: `An event source mapping with event source arn (" ${queueArn} ") and function (" ${target.name} ") already exists. Please update or delete the existing mapping with UUID ${existing.uuid}`,
    $metadata: {},
  });

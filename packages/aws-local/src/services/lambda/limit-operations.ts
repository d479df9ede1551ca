/** Reserved concurrency, the settings of asynchronous invocation, and the switch of loop detection. */
import type * as lambda from "@aws-sdk/client-lambda";
import { ResourceNotFoundException } from "@aws-sdk/client-lambda";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { invalid, notModelled } from "./errors.ts";
import type { EventInvokeSettings, LambdaFunction } from "./function.ts";
import type { Invoker } from "./invoker.ts";
import type { FunctionRegistry } from "./registry.ts";

/** Lambda keeps this much of the account's limit for functions without a reservation. */
const leastUnreserved = 100;

export function limitOperations({ clock }: Surroundings, registry: FunctionRegistry, invoker: Invoker) {
  function putEventInvoke(input: EventInvokeInput, previous: EventInvokeSettings | undefined) {
    const target = registry.need(input.FunctionName, input.Qualifier);
    target.eventInvoke = {
      maximumRetryAttempts: input.MaximumRetryAttempts ?? previous?.maximumRetryAttempts,
      maximumEventAgeInSeconds: input.MaximumEventAgeInSeconds ?? previous?.maximumEventAgeInSeconds,
      onSuccess:
        input.DestinationConfig === undefined ? previous?.onSuccess : queueOf(input.DestinationConfig.OnSuccess),
      onFailure:
        input.DestinationConfig === undefined ? previous?.onFailure : queueOf(input.DestinationConfig.OnFailure),
      lastModified: clock.now(),
    };
    return eventInvokeOf(target, target.eventInvoke);
  }

  function eventInvoke(input: { FunctionName: string; Qualifier?: string | undefined }) {
    const target = registry.need(input.FunctionName, input.Qualifier);
    if (target.eventInvoke === undefined)
      throw new ResourceNotFoundException({
        Type: "User",
        message: `The function ${target.arn}:$LATEST doesn't have an EventInvokeConfig`,
        $metadata: {},
      });
    return { target, settings: target.eventInvoke };
  }

  return {
    PutFunctionConcurrency(input) {
      const target = registry.need(input.FunctionName);
      if (invoker.unreserved(target) - input.ReservedConcurrentExecutions < Math.min(leastUnreserved, invoker.limit))
        throw invalid(
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${leastUnreserved}].`,
        );
      target.reservedConcurrency = input.ReservedConcurrentExecutions;
      return { ReservedConcurrentExecutions: input.ReservedConcurrentExecutions };
    },

    GetFunctionConcurrency(input) {
      const { reservedConcurrency } = registry.need(input.FunctionName);
      return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
    },

    DeleteFunctionConcurrency(input) {
      registry.need(input.FunctionName).reservedConcurrency = undefined;
      return {};
    },

    PutFunctionEventInvokeConfig: (input) => putEventInvoke(input, undefined),

    UpdateFunctionEventInvokeConfig: (input) => putEventInvoke(input, eventInvoke(input).settings),

    GetFunctionEventInvokeConfig(input) {
      const { target, settings } = eventInvoke(input);
      return eventInvokeOf(target, settings);
    },

    DeleteFunctionEventInvokeConfig(input) {
      eventInvoke(input).target.eventInvoke = undefined;
      return {};
    },

    PutFunctionRecursionConfig(input) {
      registry.need(input.FunctionName).recursiveLoop = input.RecursiveLoop;
      return { RecursiveLoop: input.RecursiveLoop };
    },

    GetFunctionRecursionConfig: (input) => ({ RecursiveLoop: registry.need(input.FunctionName).recursiveLoop }),

    GetAccountSettings: () => ({
      AccountLimit: {
        ConcurrentExecutions: invoker.limit,
        UnreservedConcurrentExecutions: invoker.unreserved(),
        TotalCodeSize: 80_530_636_800,
        CodeSizeUnzipped: 262_144_000,
        CodeSizeZipped: 52_428_800,
      },
      AccountUsage: {
        FunctionCount: registry.all().length,
        TotalCodeSize: registry.all().reduce((sum, { code }) => sum + code.codeSize, 0),
      },
    }),
  } satisfies Operations<typeof lambda>;
}

interface EventInvokeInput {
  readonly FunctionName: string;
  readonly Qualifier?: string | undefined;
  readonly MaximumRetryAttempts?: number | undefined;
  readonly MaximumEventAgeInSeconds?: number | undefined;
  readonly DestinationConfig?:
    | { readonly OnSuccess?: Destination | undefined; readonly OnFailure?: Destination | undefined }
    | undefined;
}

interface Destination {
  readonly Destination?: string | undefined;
}

function queueOf(destination: Destination | undefined): string | undefined {
  const arn = destination?.Destination;
  if (arn === undefined || arn === "") return undefined;
  if (!arn.startsWith("arn:aws:sqs:")) throw notModelled("a destination other than an SQS queue");
  return arn;
}

function eventInvokeOf(target: LambdaFunction, settings: EventInvokeSettings): lambda.FunctionEventInvokeConfig {
  return {
    FunctionArn: `${target.arn}:$LATEST`,
    LastModified: new Date(settings.lastModified),
    ...(settings.maximumRetryAttempts !== undefined && { MaximumRetryAttempts: settings.maximumRetryAttempts }),
    ...(settings.maximumEventAgeInSeconds !== undefined && {
      MaximumEventAgeInSeconds: settings.maximumEventAgeInSeconds,
    }),
    DestinationConfig: {
      OnSuccess: settings.onSuccess === undefined ? {} : { Destination: settings.onSuccess },
      OnFailure: settings.onFailure === undefined ? {} : { Destination: settings.onFailure },
    },
  };
}

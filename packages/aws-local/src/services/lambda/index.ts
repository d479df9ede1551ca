/**
 * Lambda: functions, their execution environments, and the three ways in: Invoke, events of other services, and event
 * source mappings from SQS.
 */
import * as lambda from "@aws-sdk/client-lambda";
import { AwsError } from "../../aws-error.ts";
import type {
  Authorizer,
  Functions,
  Metrics,
  PolledQueues,
  Range,
  ResourcePolicies,
  Surroundings,
} from "../../region.ts";
import { type EmbeddedService, embeddedService, type Operations } from "../../service.ts";
import { createEventQueue } from "./asynchronous.ts";
import { createDestinations } from "./destinations.ts";
import type { EnvironmentLauncher } from "./environment.ts";
import { createEventSourceMappings } from "./event-source-mappings.ts";
import { type Credentials, policyDocument } from "./function.ts";
import { type CodeStore, functionOperations, type Trusts } from "./function-operations.ts";
import { invokeOperation } from "./invoke-operation.ts";
import { createInvoker } from "./invoker.ts";
import { limitOperations } from "./limit-operations.ts";
import { permissionOperations } from "./permissions.ts";
import { createPool } from "./pool.ts";
import { createFunctionRegistry } from "./registry.ts";
import { roleCheck } from "./role.ts";

export interface LambdaOptions {
  readonly queues: PolledQueues;
  readonly resourcePolicies: ResourcePolicies;
  readonly launcher: EnvironmentLauncher;
  readonly codeStore: CodeStore;
  /** Without one, the roles of functions are not asked when Lambda polls or sends for them. */
  readonly authorizer?: Authorizer;
  /** Without it, Lambda may assume every role. */
  readonly trusts?: Trusts;
  readonly credentialsFor?: (roleArn: string, sessionName: string) => Credentials;
  readonly log?: (functionName: string, line: string) => void;
  readonly metrics?: Metrics;
  readonly accountConcurrency?: number;
  /** Milliseconds. */
  readonly idleTimeout?: number;
  readonly initTimeout?: number;
  /** Between a message's becoming visible and its receipt by a poller, in milliseconds. */
  readonly pollerDelay?: Range;
}

export interface LambdaService {
  readonly service: EmbeddedService;
  readonly functions: Functions;
  /** Ends the function's environments as `kill -9` does, in the middle of an invocation too. */
  kill(functionName: string): void;
  /** `warm` counts the environments at rest. */
  statistics(functionName: string): { readonly coldStarts: number; readonly concurrent: number; readonly warm: number };
  /** Ends all pollers and environments; the region is closed. */
  stop(): void;
}

export function createLambda(surroundings: Surroundings, options: LambdaOptions): LambdaService {
  const registry = createFunctionRegistry(surroundings);
  const pool = createPool(surroundings, options);
  const invoker = createInvoker(surroundings, registry, pool, options);
  const mayDo = roleCheck(options.authorizer);
  const destinations = createDestinations(surroundings, options.queues, mayDo, options.metrics);
  const events = createEventQueue(surroundings, registry, invoker, destinations);
  const mappings = createEventSourceMappings(surroundings, {
    registry,
    invoker,
    queues: options.queues,
    mayDo,
    // limits-and-prices 2.2, sqs_to_lambda_start.
    delay: options.pollerDelay ?? { low: 20, high: 100 },
  });

  const service = embeddedService(lambda, "lambda", {
    ...functionOperations(surroundings, registry, {
      codeStore: options.codeStore,
      ...{ trusts: options.trusts, mayDo },
      whenDeleted(deleted) {
        mappings.stopFor(deleted);
        pool.forget(deleted);
      },
    }),
    ...limitOperations(surroundings, registry, invoker),
    ...permissionOperations(registry),
    ...mappings.operations,
    ...tagOperations((arn) => mappings.tagsOf(arn) ?? registry.need(arn).tags),
    Invoke: invokeOperation(registry, invoker, events),
  });

  const functions: Functions = {
    invokeLater(functionArn, payload, from, extras) {
      const target = registry.need(functionArn);
      const request = { principal: from, action: "lambda:InvokeFunction", resource: target.arn };
      if (!options.resourcePolicies.allows(policyDocument(target), request))
        throw new AwsError(
          "AccessDeniedException",
          `User: ${from.service} is not authorized to perform: lambda:InvokeFunction on resource: ${target.arn} because no resource-based policy allows the lambda:InvokeFunction action`,
          403,
        );
      events.accept(target, { payload, traceHeader: extras?.traceHeader });
    },
  };

  return {
    service,
    functions,
    kill: (functionName) => pool.kill(registry.need(functionName)),
    statistics(functionName) {
      const target = registry.need(functionName);
      return { coldStarts: pool.coldStarts(target), concurrent: pool.concurrent(target), warm: pool.warm(target) };
    },
    stop() {
      mappings.stopAll();
      pool.stop();
    },
  };
}

/** Functions and event source mappings carry tags. */
function tagOperations(tagsOf: (arn: string) => Record<string, string>) {
  return {
    TagResource(input) {
      Object.assign(tagsOf(input.Resource), input.Tags);
      return {};
    },
    UntagResource(input) {
      for (const key of input.TagKeys) delete tagsOf(input.Resource)[key];
      return {};
    },
    ListTags: (input) => ({ Tags: { ...tagsOf(input.Resource) } }),
  } satisfies Operations<typeof lambda>;
}

/** The functions of the catalogue, each with exactly its grants as its role, and what sets it going. */
import { functions, type LaneTrigger, type WardenFunction } from "@warden/functions/catalogue";
import { breakpointTimeout } from "@warden/functions/deployed";
import { environmentOf, type Surroundings } from "@warden/functions/environment";
import { type Resources, statementsOf } from "@warden/functions/policy";
import type { Lanes } from "./lanes.ts";
import { named, titleOf } from "./named.ts";
import { ownBundle } from "./own-bundle.ts";
import type { Stage } from "./stage.ts";

interface Given {
  readonly stage: Stage;
  readonly lanes: Lanes;
  readonly resources: Resources<$util.Input<string>>;
  readonly surroundings: Surroundings<$util.Input<string>>;
}

export function control(given: Given) {
  return functions.map((each) => {
    const lambda = functionOf(each, given);
    const schedule =
      each.trigger.kind === "schedule" ? scheduled(each, each.trigger.expression, lambda, given) : undefined;
    if (each.trigger.kind === "lane") readLane(each.trigger, lambda, given.lanes);
    return { each, lambda, schedule, logs: lambda.nodes.logGroup.apply((group) => $output(group?.name ?? "")) };
  });
}

export type Control = ReturnType<typeof control>;

function functionOf(each: WardenFunction, { stage, lanes, resources, surroundings }: Given): sst.aws.Function {
  const ownLane = each.trigger.kind === "lane" ? [lanes[each.trigger.lane].queue.arn] : [];
  const statements = statementsOf(each.grants, { ...resources, "own lane": ownLane });
  return new sst.aws.Function(titleOf(each.name), {
    name: named(each.name),
    handler: `functions/${each.entry}/index.handler`,
    hook: ownBundle(each.entry),
    memory: `${each.memory} MB`,
    timeout: `${$dev ? breakpointTimeout : each.timeout} seconds`,
    ...(each.reservedConcurrency !== undefined && { concurrency: { reserved: each.reservedConcurrency } }),
    environment: environmentOf(each, surroundings),
    permissions: statements.map(({ action, resources }) => ({ actions: [action], resources: [...resources] })),
    logging: { retention: stage.logs, format: "json" },
  });
}

/** A function that failed for some messages says which; the others are not given to it again. */
function readLane(trigger: LaneTrigger, lambda: sst.aws.Function, lanes: Lanes): void {
  lanes[trigger.lane].queue.subscribe(lambda.arn, {
    batch: { size: trigger.batchSize, window: `${trigger.window} seconds`, partialResponses: true },
    transform: {
      eventSourceMapping: { scalingConfig: { maximumConcurrency: trigger.maximumConcurrency } },
    },
  });
}

/** A rule rather than EventBridge Scheduler: `warden doctor` asks for rules, in every world. */
function scheduled(each: WardenFunction, expression: string, lambda: sst.aws.Function, { lanes }: Given) {
  const title = `${titleOf(each.name)}Schedule`;
  const rule = new aws.cloudwatch.EventRule(title, {
    name: named(`${each.name}-schedule`),
    scheduleExpression: expression,
  });
  new aws.lambda.Permission(`${title}Permission`, {
    ...{ action: "lambda:InvokeFunction", principal: "events.amazonaws.com" },
    ...{ function: lambda.name, sourceArn: rule.arn },
  });
  new aws.cloudwatch.EventTarget(`${title}Target`, {
    ...{ rule: rule.name, arn: lambda.arn },
    // The next minute brings another: an old one is of no use, but that it could not be delivered is worth knowing.
    retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 1 },
    deadLetterConfig: { arn: lanes.normal.dlq.arn },
  });
  return rule;
}

/** The functions of the catalogue, each with exactly its grants as its role, and what sets it going. */
import { functions, type LaneTrigger, type OwnEventTrigger, type WardenFunction } from "@warden/functions/catalogue";
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
    const { trigger } = each;
    const schedule = trigger.kind === "schedule" ? scheduled(each, trigger.expression, lambda, given) : undefined;
    const ownRule = trigger.kind === "own event" ? listening(each, trigger, lambda, given) : undefined;
    if (trigger.kind === "lane") readLane(trigger, lambda, given.lanes);
    return {
      each,
      lambda,
      schedule,
      ownRule,
      logs: lambda.nodes.logGroup.apply((group) => $output(group?.name ?? "")),
    };
  });
}

export type Control = ReturnType<typeof control>;

function functionOf(each: WardenFunction, { stage, lanes, resources, surroundings }: Given): sst.aws.Function {
  const ownLane = each.trigger.kind === "lane" ? [lanes[each.trigger.lane].queue.arn] : [];
  const statements = statementsOf(each.grants, { ...resources, "own lane": ownLane }, stage.name);
  return new sst.aws.Function(titleOf(each.name), {
    name: named(each.name),
    handler: `functions/${each.entry}/index.handler`,
    hook: ownBundle(each.entry),
    memory: `${each.memory} MB`,
    timeout: `${$dev ? breakpointTimeout : each.timeout} seconds`,
    ...(each.reservedConcurrency !== undefined && { concurrency: { reserved: each.reservedConcurrency } }),
    environment: environmentOf(each, surroundings),
    permissions: statements.map(({ action, resources, conditions }) => ({
      ...{ actions: [action], resources: [...resources] },
      conditions: conditions.map(({ values, ...rest }) => ({ ...rest, values: [...values] })),
    })),
    logging: { retention: stage.logs, format: "json" },
    // What reads a lane leaves its failures to the lane, and a schedule comes again.
    ...(each.trigger.kind === "own event" && {
      transform: { function: { deadLetterConfig: { targetArn: lanes.normal.dlq.arn } } },
    }),
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
function scheduled(each: WardenFunction, scheduleExpression: string, lambda: sst.aws.Function, given: Given) {
  const rule = { name: named(`${each.name}-schedule`), scheduleExpression };
  // The next minute brings another: an old one is of no use, but that it could not be delivered is worth knowing.
  const retryPolicy = { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 1 };
  return invoking(`${titleOf(each.name)}Schedule`, rule, { retryPolicy }, lambda, given);
}

/** What Warden says on its own bus; a day is EventBridge's own patience. */
function listening(each: WardenFunction, { detailTypes }: OwnEventTrigger, lambda: sst.aws.Function, given: Given) {
  const eventPattern = JSON.stringify({ "detail-type": detailTypes });
  const bus = { eventBusName: given.surroundings.bus };
  return invoking(`${titleOf(each.name)}Rule`, { name: named(each.name), eventPattern, ...bus }, bus, lambda, given);
}

function invoking(
  title: string,
  when: aws.cloudwatch.EventRuleArgs,
  how: Partial<aws.cloudwatch.EventTargetArgs>,
  lambda: sst.aws.Function,
  { lanes }: Given,
) {
  const rule = new aws.cloudwatch.EventRule(title, when);
  new aws.lambda.Permission(`${title}Permission`, {
    ...{ action: "lambda:InvokeFunction", principal: "events.amazonaws.com" },
    ...{ function: lambda.name, sourceArn: rule.arn },
  });
  new aws.cloudwatch.EventTarget(`${title}Target`, {
    ...{ rule: rule.name, arn: lambda.arn, deadLetterConfig: { arn: lanes.normal.dlq.arn } },
    ...how,
  });
  return rule;
}

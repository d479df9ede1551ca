/** The functions of the catalogue, each with its role and what sets it going. */
import { PutRuleCommand, type PutRuleCommandInput, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { functions, type OwnEventTrigger, type WardenFunction } from "@warden/functions/catalogue";
import { breakpointTimeout } from "@warden/functions/deployed";
import { environmentOf, type Surroundings } from "@warden/functions/environment";
import type { Deployment } from "../deployment.ts";
import { arn, type DeployContext, named } from "./context.ts";
import { deployRole, type Resources } from "./roles.ts";

export interface FunctionSettings {
  /** Where each entry's bundle lies. */
  readonly code: { readonly bucket: string; key(entry: WardenFunction["entry"]): string };
  /** Added to every function's environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly surroundings: Surroundings<string>;
  readonly queues: Deployment["queues"];
  readonly resources: Resources;
  readonly debugging: boolean;
  /** Grants to leave out: how a test shows what breaks without them. */
  readonly without: (functionName: string, action: string) => boolean;
}

export async function deployFunctions(
  context: DeployContext,
  settings: FunctionSettings,
): Promise<Pick<Deployment, "functions" | "schedules" | "ownRules">> {
  const deployed: Deployment["functions"] = {};
  const schedules: string[] = [];
  const ownRules: string[] = [];
  for (const each of functions) {
    deployed[each.name] = await deployFunction(context, settings, each);
    const { trigger } = each;
    if (trigger.kind === "lane") await deployMapping(context, settings, each, trigger);
    if (trigger.kind === "schedule")
      schedules.push(
        await deployRule(context, `${each.name}-schedule`, each, { ScheduleExpression: trigger.expression }),
      );
    if (trigger.kind === "own event")
      ownRules.push(await deployRule(context, each.name, each, ownEvents(settings.surroundings.bus, trigger)));
  }
  return { functions: deployed, schedules, ownRules };
}

async function deployFunction(
  context: DeployContext,
  settings: FunctionSettings,
  each: WardenFunction,
): Promise<{ name: string; roleArn: string }> {
  const { lambda } = context.clients;
  const ownLane = each.trigger.kind === "lane" ? [settings.queues[each.trigger.lane].arn] : [];
  const grants = each.grants.filter((grant) => !settings.without(each.name, grant.action));
  const resources = { ...settings.resources, "own lane": ownLane };
  const roleArn = await deployRole(context, each.name, "lambda.amazonaws.com", grants, resources);
  const name = named(context, each.name);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      Role: roleArn,
      MemorySize: each.memory,
      Timeout: settings.debugging ? breakpointTimeout : each.timeout,
      ...(each.trigger.kind === "own event" && { DeadLetterConfig: { TargetArn: settings.queues.normal.dlqArn } }),
      Code: { S3Bucket: settings.code.bucket, S3Key: settings.code.key(each.entry) },
      Environment: { Variables: { ...settings.environment, ...environmentOf(each, settings.surroundings) } },
    }),
  );
  if (each.reservedConcurrency !== undefined) {
    const ReservedConcurrentExecutions = each.reservedConcurrency;
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions }));
  }
  return { name, roleArn };
}

async function deployMapping(
  context: DeployContext,
  settings: FunctionSettings,
  each: WardenFunction,
  trigger: Extract<WardenFunction["trigger"], { kind: "lane" }>,
): Promise<void> {
  await context.clients.lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: named(context, each.name),
      EventSourceArn: settings.queues[trigger.lane].arn,
      BatchSize: trigger.batchSize,
      MaximumBatchingWindowInSeconds: trigger.window,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: trigger.maximumConcurrency },
    }),
  );
}

const ownEvents = (EventBusName: string, { detailTypes }: OwnEventTrigger): Partial<PutRuleCommandInput> => ({
  EventBusName,
  EventPattern: JSON.stringify({ "detail-type": detailTypes }),
});

/** @returns the rule's name */
async function deployRule(
  context: DeployContext,
  name: string,
  each: WardenFunction,
  when: Partial<PutRuleCommandInput>,
): Promise<string> {
  const { events, lambda } = context.clients;
  const Name = named(context, name);
  const functionName = named(context, each.name);
  const { RuleArn } = await events.send(new PutRuleCommand({ Name, ...when }));
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: functionName,
      StatementId: Name,
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn: RuleArn,
    }),
  );
  const Targets = [{ Id: each.name, Arn: arn(context, "lambda", `function:${functionName}`) }];
  await events.send(new PutTargetsCommand({ Rule: Name, EventBusName: when.EventBusName, Targets }));
  return Name;
}

/** What the doctor reads beyond the loop's own ports, in its own words. */
import { DescribeAutoScalingGroupsCommand, DescribeLifecycleHooksCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeRuleCommand, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { paginateSimulatePrincipalPolicy } from "@aws-sdk/client-iam";
import {
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  paginateListEventSourceMappings,
} from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { GetDocumentCommand } from "@aws-sdk/client-ssm";
import { ofStage } from "@warden/functions/policy";
import type { Connection } from "@warden/worlds/connect";

/** Whatever does not exist is undefined; every other failure is thrown as the SDK has it. */
export interface Inspection {
  queue(url: string): Promise<QueueFacts | undefined>;
  /** @param bus undefined for the default one */
  rule(name: string, bus?: string): Promise<RuleFacts | undefined>;
  function(name: string): Promise<FunctionFacts | undefined>;
  /** What the function reads queues through. */
  pollers(functionName: string): Promise<readonly PollerFacts[]>;
  /** Which of the actions the role may not do on the resource; undefined: there is no such role. */
  denied(
    roleArn: string,
    actions: readonly string[],
    resource: string,
    stage: string,
  ): Promise<readonly string[] | undefined>;
  group(name: string): Promise<GroupSettings | undefined>;
  hooks(group: string): Promise<readonly HookSettings[]>;
  /** The content of one version. */
  document(name: string, version: string): Promise<string | undefined>;
}

export interface QueueFacts {
  readonly messages: number;
  /** When the oldest of up to ten of them was sent; undefined when none was seen. */
  readonly oldestAt: number | undefined;
}

export interface RuleFacts {
  readonly enabled: boolean;
  readonly targets: number;
}

export interface FunctionFacts {
  /** `Active` and so on. */
  readonly state: string;
  readonly lastUpdate: string;
  /** Environments that are reserved for it; undefined: it takes from those of the account. */
  readonly reserved?: number | undefined;
}

export interface PollerFacts {
  readonly queueArn: string;
  /** `Enabled` and so on. */
  readonly state: string;
}

export interface GroupSettings {
  readonly healthCheckType: string;
  readonly suspended: readonly string[];
}

export interface HookSettings {
  readonly name: string;
  readonly transition: "launching" | "terminating";
  readonly defaultResult: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export function inspectionOf(clients: Connection["clients"]): Inspection {
  return {
    queue: (url) =>
      unlessMissing(async () => {
        const { Attributes = {} } = await clients.sqs.send(
          new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...counts] }),
        );
        const messages = counts.reduce((total, name) => total + Number(Attributes[name] ?? 0), 0);
        return { messages, oldestAt: messages === 0 ? undefined : await oldestIn(url) };
      }),

    rule: (name, EventBusName) =>
      unlessMissing(async () => {
        const { State } = await clients.events.send(new DescribeRuleCommand({ Name: name, EventBusName }));
        const { Targets = [] } = await clients.events.send(new ListTargetsByRuleCommand({ Rule: name, EventBusName }));
        return { enabled: State !== "DISABLED", targets: Targets.length };
      }),

    function: (name) =>
      unlessMissing(async () => {
        const answer = await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
        const limit = await clients.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: name }));
        return {
          state: answer.State ?? "Active",
          lastUpdate: answer.LastUpdateStatus ?? "Successful",
          reserved: limit.ReservedConcurrentExecutions,
        };
      }),

    async pollers(functionName) {
      const pollers: PollerFacts[] = [];
      for await (const page of paginateListEventSourceMappings(
        { client: clients.lambda },
        { FunctionName: functionName },
      )) {
        for (const each of page.EventSourceMappings ?? [])
          pollers.push({ queueArn: each.EventSourceArn ?? "", state: each.State ?? "" });
      }
      return pollers;
    },

    denied: (roleArn, actions, resource, stage) =>
      unlessMissing(async () => {
        const { variable, values } = ofStage(stage);
        const denied: string[] = [];
        for await (const page of paginateSimulatePrincipalPolicy(
          { client: clients.iam },
          {
            ...{ PolicySourceArn: roleArn, ActionNames: [...actions], ResourceArns: [resource] },
            // IAM does not look at the instances' tags here: they are given as this stage's have them.
            ContextEntries: [{ ContextKeyName: variable, ContextKeyValues: [...values], ContextKeyType: "string" }],
          },
        )) {
          for (const each of page.EvaluationResults ?? [])
            if (each.EvalDecision !== "allowed") denied.push(each.EvalActionName ?? "");
        }
        return denied;
      }),

    async group(name) {
      const answer = await clients.autoScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
      );
      const group = answer.AutoScalingGroups?.[0];
      if (group === undefined) return undefined;
      return {
        healthCheckType: group.HealthCheckType ?? "",
        suspended: (group.SuspendedProcesses ?? []).map((each) => each.ProcessName ?? ""),
      };
    },

    async hooks(group) {
      const answer = await clients.autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group }));
      return (answer.LifecycleHooks ?? []).map((hook) => ({
        name: hook.LifecycleHookName ?? "",
        transition: hook.LifecycleTransition === "autoscaling:EC2_INSTANCE_LAUNCHING" ? "launching" : "terminating",
        defaultResult: hook.DefaultResult ?? "ABANDON",
        timeout: (hook.HeartbeatTimeout ?? 3600) * 1000,
      }));
    },

    document: (name, version) =>
      unlessMissing(async () => {
        const answer = await clients.ssm.send(
          new GetDocumentCommand({ Name: name, DocumentVersion: version, DocumentFormat: "JSON" }),
        );
        return answer.Content ?? "";
      }),
  };

  /** Looked at without taking them away: they are visible again at once. */
  async function oldestIn(url: string): Promise<number | undefined> {
    const { Messages = [] } = await clients.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
        MessageSystemAttributeNames: ["SentTimestamp"],
      }),
    );
    const sent = Messages.flatMap((message) => Number(message.Attributes?.["SentTimestamp"] ?? Number.NaN)).filter(
      Number.isFinite,
    );
    return sent.length === 0 ? undefined : Math.min(...sent);
  }
}

const counts = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesDelayed",
  "ApproximateNumberOfMessagesNotVisible",
] as const;

const missing: ReadonlySet<string> = new Set([
  "AWS.SimpleQueueService.NonExistentQueue",
  "InvalidDocument",
  "InvalidDocumentVersion",
  "NoSuchEntity",
  "NoSuchEntityException",
  "QueueDoesNotExist",
  "ResourceNotFoundException",
]);

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && missing.has(error.name)) return undefined;
    throw error;
  }
}

/** What a node does on AWS by itself, with the credentials of its own role: said by modelled nodes and real ones alike. */
import { AutoScalingClient, CompleteLifecycleActionCommand } from "@aws-sdk/client-auto-scaling";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { lastGoodParameter, lastGoodSchema } from "@warden/aws";
import type { NodeCalls } from "@warden/simulator";
import type { ClientOptions, SdkClient } from "./loop.ts";

export interface NodeCallsOptions {
  readonly clients: { readonly autoScaling: AutoScalingClient; readonly sqs: SQSClient; readonly ssm: SSMClient };
  readonly site: string;
  readonly group: string;
  readonly launchHook: string;
  readonly instanceId: string;
  /** Known once Warden is deployed. */
  urgentQueueUrl(): string;
}

/** Made when a node first needs them: most never do. */
export function nodeClients(
  options: ClientOptions,
  prepare: (client: SdkClient) => void = () => {},
): NodeCallsOptions["clients"] {
  const once = <Client extends SdkClient>(make: () => Client): (() => Client) => {
    let client: Client | undefined;
    return () => {
      if (client !== undefined) return client;
      client = make();
      prepare(client);
      return client;
    };
  };
  const autoScaling = once(() => new AutoScalingClient(options));
  const sqs = once(() => new SQSClient(options));
  const ssm = once(() => new SSMClient(options));
  return {
    get autoScaling() {
      return autoScaling();
    },
    get sqs() {
      return sqs();
    },
    get ssm() {
      return ssm();
    },
  };
}

export function nodeCalls(options: NodeCallsOptions): NodeCalls {
  const { clients, site, group, launchHook, instanceId } = options;
  return {
    async tell(message) {
      const MessageBody = JSON.stringify(message);
      await clients.sqs.send(new SendMessageCommand({ QueueUrl: options.urgentQueueUrl(), MessageBody }));
    },
    async lastGood() {
      const answer = await clients.ssm.send(new GetParameterCommand({ Name: lastGoodParameter({ site, group }) }));
      const { release, digest } = lastGoodSchema.parse(JSON.parse(answer.Parameter?.Value ?? ""));
      return { release, digest };
    },
    async completeLaunch() {
      try {
        await clients.autoScaling.send(
          new CompleteLifecycleActionCommand({
            AutoScalingGroupName: group,
            LifecycleHookName: launchHook,
            InstanceId: instanceId,
            LifecycleActionResult: "CONTINUE",
          }),
        );
      } catch (error) {
        if (!(error instanceof Error) || !/No active Lifecycle Action/i.test(error.message)) throw error;
      }
    },
  };
}

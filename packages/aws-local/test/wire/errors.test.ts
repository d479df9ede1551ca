import * as autoscaling from "@aws-sdk/client-auto-scaling";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import { AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../src/aws-error.ts";
import { embeddedService } from "../../src/service.ts";
import { clientConfig } from "../../src/wire/index.ts";
import { serviceModel } from "../../src/wire/schema.ts";
import { harness, refusalOf } from "./harness.ts";

const $metadata = {};

describe("an exception of the SDK thrown by an operation reaches the caller as the same exception", () => {
  it("over query, under the code of query", async () => {
    const { router, records } = harness([
      embeddedService(autoscaling, "autoscaling", {
        SetDesiredCapacity: () => {
          throw new autoscaling.ScalingActivityInProgressFault({ message: "An activity is in progress", $metadata });
        },
      }),
    ]);
    const client = new autoscaling.AutoScalingClient(clientConfig(router));
    const error = await refusalOf(
      client.send(new autoscaling.SetDesiredCapacityCommand({ AutoScalingGroupName: "web", DesiredCapacity: 2 })),
    );
    expect(error).toBeInstanceOf(autoscaling.ScalingActivityInProgressFault);
    expect(error.message).toBe("An activity is in progress");
    expect(records).toMatchObject([{ operation: "SetDesiredCapacity", errorCode: "ScalingActivityInProgressFault" }]);
  });

  it("over JSON, with its members", async () => {
    const { router } = harness([
      embeddedService(dynamodb, "dynamodb", {
        PutItem: () => {
          const Item = { id: { S: "1" }, n: { N: "2" } };
          throw new dynamodb.ConditionalCheckFailedException({
            message: "The conditional request failed",
            Item,
            $metadata,
          });
        },
      }),
    ]);
    const client = new dynamodb.DynamoDBClient(clientConfig(router));
    const error = await refusalOf(
      client.send(new dynamodb.PutItemCommand({ TableName: "warden", Item: { id: { S: "1" } } })),
    );
    expect(error).toBeInstanceOf(dynamodb.ConditionalCheckFailedException);
    expect(error).toMatchObject({ Item: { id: { S: "1" }, n: { N: "2" } }, $metadata: { httpStatusCode: 400 } });
  });

  it("over JSON of a service that once spoke query, with the old code beside it", async () => {
    const { router } = harness([
      embeddedService(sqs, "sqs", {
        GetQueueUrl: () => {
          throw new sqs.QueueDoesNotExist({ message: "The specified queue does not exist.", $metadata });
        },
      }),
    ]);
    const client = new sqs.SQSClient(clientConfig(router));
    const error = await refusalOf(client.send(new sqs.GetQueueUrlCommand({ QueueName: "gone" })));
    expect(error).toBeInstanceOf(sqs.QueueDoesNotExist);
    expect(error).toMatchObject({ Code: "AWS.SimpleQueueService.NonExistentQueue", Type: "Sender" });
  });

  it("over CBOR", async () => {
    const { router } = harness([
      embeddedService(cloudwatch, "cloudwatch", {
        SetAlarmState: () => {
          throw new cloudwatch.ResourceNotFound({ message: "no such alarm", $metadata });
        },
      }),
    ]);
    const protocol = AwsSmithyRpcV2CborProtocol;
    const client = new cloudwatch.CloudWatchClient({ ...clientConfig(router), protocol });
    const command = new cloudwatch.SetAlarmStateCommand({ AlarmName: "hot", StateValue: "OK", StateReason: "test" });
    const error = await refusalOf(client.send(command));
    expect(error).toBeInstanceOf(cloudwatch.ResourceNotFound);
    expect(error.$metadata?.httpStatusCode).toBe(404);
  });

  it("over REST, with the status of the model", async () => {
    const { router } = harness([
      embeddedService(lambda, "lambda", {
        GetFunction: () => {
          throw new lambda.ResourceNotFoundException({
            Type: "User",
            Message: "Function not found",
            message: "",
            $metadata,
          });
        },
      }),
    ]);
    const client = new lambda.LambdaClient(clientConfig(router));
    const error = await refusalOf(client.send(new lambda.GetFunctionCommand({ FunctionName: "gone" })));
    expect(error).toBeInstanceOf(lambda.ResourceNotFoundException);
    expect(error).toMatchObject({ message: "Function not found", Type: "User", $metadata: { httpStatusCode: 404 } });
  });

  it("over S3's XML; HEAD, which has no body, only tells the status", async () => {
    const noSuchKey = (): never => {
      throw new s3.NoSuchKey({ message: "The specified key does not exist.", $metadata });
    };
    const { router } = harness([embeddedService(s3, "s3", { GetObject: noSuchKey, HeadObject: noSuchKey })]);
    const client = new s3.S3Client(clientConfig(router));
    const target = { Bucket: "warden", Key: "a/b" };
    const read = await refusalOf(client.send(new s3.GetObjectCommand(target)));
    expect(read).toBeInstanceOf(s3.NoSuchKey);
    expect(read.message).toBe("The specified key does not exist.");
    expect(await refusalOf(client.send(new s3.HeadObjectCommand(target)))).toBeInstanceOf(s3.NotFound);
  });
});

it("carries codes that no model declares, as all of EC2's", async () => {
  const { router } = harness([
    embeddedService(ec2, "ec2", {
      DescribeInstances: () => {
        throw new AwsError("InvalidInstanceID.NotFound", "The instance ID 'i-0123456789abcdef0' does <not> exist");
      },
    }),
  ]);
  const client = new ec2.EC2Client(clientConfig(router));
  const error = await refusalOf(client.send(new ec2.DescribeInstancesCommand({})));
  expect(error).toMatchObject({
    name: "InvalidInstanceID.NotFound",
    message: "The instance ID 'i-0123456789abcdef0' does <not> exist",
    $fault: "client",
  });
});

it("makes the class of a code that the model does declare", async () => {
  const { router } = harness([
    embeddedService(ssm, "ssm", {
      SendCommand: () => {
        throw new AwsError("InvalidInstanceId", "Instances not in a valid state for account");
      },
    }),
  ]);
  const client = new ssm.SSMClient(clientConfig(router));
  const error = await refusalOf(client.send(new ssm.SendCommandCommand({ DocumentName: "AWS-RunShellScript" })));
  expect(error).toBeInstanceOf(ssm.InvalidInstanceId);
});

describe("what is not an error of AWS is a defect of the embedded one", () => {
  it("answers InternalFailure 500 and reports the error as it was thrown", async () => {
    const mistake = new TypeError("x is undefined");
    const { router, defects, records } = harness([
      embeddedService(sns, "sns", {
        Publish: () => {
          throw mistake;
        },
      }),
    ]);
    const error = await refusalOf(
      new sns.SNSClient(clientConfig(router)).send(new sns.PublishCommand({ Message: "m" })),
    );
    expect(error).toMatchObject({ name: "InternalFailure", $metadata: { httpStatusCode: 500 }, $fault: "server" });
    expect(defects).toEqual([mistake]);
    expect(records).toMatchObject([{ service: "sns", status: 500, errorCode: "InternalFailure" }]);
  });

  it("takes an exception of another service's client for one", async () => {
    const foreign = new sqs.QueueDoesNotExist({ message: "", $metadata });
    const { router, defects } = harness([
      embeddedService(sns, "sns", {
        Publish: () => {
          throw foreign;
        },
      }),
    ]);
    await refusalOf(new sns.SNSClient(clientConfig(router)).send(new sns.PublishCommand({ Message: "m" })));
    expect(defects).toEqual([foreign]);
  });
});

describe.each(Object.entries({ autoscaling, cloudwatch, dynamodb, ec2, lambda, s3, sns, sqs, ssm }))(
  "the exceptions of %s",
  (_service, sdk: object) => {
    const model = serviceModel(sdk);

    it("are all recognised", () => {
      const classes = Object.entries(sdk).filter(
        ([name, value]) => isException(value) && !/ServiceException$/.test(name),
      );
      const recognised = classes.map(([, value]) => {
        const error: unknown = Reflect.construct(value, [{ message: "m", $metadata }]);
        return model.errorModel(error)?.shape.getName();
      });
      expect(recognised).not.toContain(undefined);
      expect(recognised).toHaveLength(classes.length);
    });

    it("can be made for a code that the model does not declare", () => {
      const properties = {
        message: "m",
        $fault: "client",
        $metadata: { httpStatusCode: 400, requestId: "r" },
      } as const;
      expect(model.exception("Whatever", properties)).toMatchObject({
        name: "Whatever",
        message: "m",
        $fault: "client",
      });
    });
  },
);

const isException = (value: unknown): boolean => typeof value === "function" && value.prototype instanceof Error;

it("answers NotImplemented 501 for an operation without behaviour, never an empty success", async () => {
  const { router } = harness([embeddedService(autoscaling, "autoscaling", {})]);
  const client = new autoscaling.AutoScalingClient(clientConfig(router));
  const error = await refusalOf(client.send(new autoscaling.DescribeAutoScalingGroupsCommand({})));
  expect(error).toMatchObject({
    name: "NotImplemented",
    message: "autoscaling:DescribeAutoScalingGroups is not modelled here",
    $metadata: { httpStatusCode: 501 },
  });
});

it("gives every answer a request id, the one that the operation and the observer see", async () => {
  const seen: string[] = [];
  const { router, records } = harness([
    embeddedService(sqs, "sqs", {
      ListQueues: (_input, { requestId }) => {
        seen.push(requestId);
        return {};
      },
    }),
  ]);
  const { $metadata: answered } = await new sqs.SQSClient(clientConfig(router)).send(new sqs.ListQueuesCommand({}));
  expect(answered.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(seen).toEqual([answered.requestId]);
  expect(records.map(({ requestId }) => requestId)).toEqual(seen);
});

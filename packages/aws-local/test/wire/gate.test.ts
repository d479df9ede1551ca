/** What a call passes before its operation runs. */
import * as autoscaling from "@aws-sdk/client-auto-scaling";
import * as ec2 from "@aws-sdk/client-ec2";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../src/aws-error.ts";
import { type Call, embeddedService, type Principal } from "../../src/service.ts";
import { type Attempt, type Caller, clientConfig, type RouterOptions, typedTransport } from "../../src/wire/index.ts";
import { harness, refusalOf } from "./harness.ts";

const role: Principal = { kind: "role", roleName: "warden-reconcile", sessionName: "reconcile" };

function region(overrides: Partial<RouterOptions> = {}) {
  const principals: Principal[] = [];
  const traces: unknown[] = [];
  const tell = (_input: unknown, { principal, traceHeader }: Call) => {
    principals.push(principal);
    traces.push(traceHeader);
    return {};
  };
  const services = [
    embeddedService(autoscaling, "autoscaling", { DescribeAccountLimits: tell, SetDesiredCapacity: tell }),
    embeddedService(ec2, "ec2", { DescribeInstances: tell }),
    embeddedService(ssm, "ssm", { ListCommands: tell }),
    embeddedService(sts, "sts", { GetCallerIdentity: tell }),
  ];
  const made = harness(services, overrides);
  return {
    ...made,
    principals,
    traces,
    describeLimits: (caller?: Caller) =>
      new autoscaling.AutoScalingClient(clientConfig(made.router, caller)).send(
        new autoscaling.DescribeAccountLimitsCommand({}),
      ),
    describeInstances: (caller?: Caller) =>
      new ec2.EC2Client(clientConfig(made.router, caller)).send(new ec2.DescribeInstancesCommand({})),
    listCommands: (caller?: Caller) =>
      new ssm.SSMClient(clientConfig(made.router, caller)).send(new ssm.ListCommandsCommand({})),
  };
}

describe("the caller", () => {
  it("is the account's user for a long-lived key, whichever it is", async () => {
    const { describeLimits, principals } = region();
    await describeLimits();
    await describeLimits({ credentials: { accessKeyId: "test", secretAccessKey: "test" } });
    expect(principals).toEqual([{ kind: "user" }, { kind: "user" }]);
  });

  it("is the role that temporary credentials were issued for", async () => {
    const { describeLimits, principals, sessions, records } = region();
    await describeLimits({ credentials: sessions.issue(role) });
    expect(principals).toEqual([role]);
    expect(records).toMatchObject([{ principal: role, status: 200 }]);
  });

  it("is refused for a temporary key that nobody issued, in each service's own words", async () => {
    const { describeLimits, describeInstances, listCommands } = region();
    const credentials = { accessKeyId: "ASIAIOSFODNN7EXAMPLE", secretAccessKey: "x", sessionToken: "y" };
    const names = await Promise.all(
      [describeLimits, describeInstances, listCommands].map(
        async (call) => (await refusalOf(call({ credentials }))).name,
      ),
    );
    expect(names).toEqual(["InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException"]);
  });

  it("is refused for a temporary key without the token that belongs to it", async () => {
    const { describeLimits, sessions } = region();
    const credentials = { ...sessions.issue(role), sessionToken: sessions.issue(role).sessionToken ?? "" };
    expect((await refusalOf(describeLimits({ credentials }))).name).toBe("InvalidClientTokenId");
  });

  it("is refused once the session has expired on the region's clock", async () => {
    const { describeLimits, sessions, clock } = region();
    const { expiration, ...credentials } = sessions.issue(role, 900_000);
    expect(expiration).toEqual(new Date(clock.now() + 900_000));
    await describeLimits({ credentials });
    await clock.advance(900_000);
    expect((await refusalOf(describeLimits({ credentials }))).name).toBe("ExpiredToken");
  });
});

it("hands the trace header on, by which loops through functions are found", async () => {
  const { router, traces } = region();
  const traceHeader = "Root=1-67;Lineage=a:1";
  const caller = { traceHeader: () => traceHeader };
  await new autoscaling.AutoScalingClient(clientConfig(router, caller)).send(
    new autoscaling.DescribeAccountLimitsCommand({}),
  );
  const typed = new autoscaling.AutoScalingClient({ region: "eu-west-1" });
  typed.middlewareStack.use(typedTransport(router, caller));
  await typed.send(new autoscaling.DescribeAccountLimitsCommand({}));
  expect(traces).toEqual([traceHeader, traceHeader]);
});

it("ends for a caller that aborts it, as a closed connection would", async () => {
  const { router } = harness([embeddedService(sts, "sts", { GetCallerIdentity: () => new Promise<never>(() => {}) })]);
  const patience = new AbortController();
  const call = new sts.STSClient(clientConfig(router)).send(new sts.GetCallerIdentityCommand({}), {
    abortSignal: patience.signal,
  });
  setImmediate(() => patience.abort());
  expect((await refusalOf(call)).name).toBe("AbortError");
});

describe("authorisation", () => {
  it("sees service, operation, input and principal, and comes before the operation", async () => {
    const attempts: Attempt[] = [];
    const { describeLimits, sessions } = region({ authorize: (attempt) => void attempts.push(attempt) });
    await describeLimits({ credentials: sessions.issue(role) });
    expect(attempts).toEqual([
      { service: "autoscaling", operation: "DescribeAccountLimits", input: {}, principal: role },
    ]);
  });

  it("denies under each service's own code, with the authoriser's sentence", async () => {
    const sentence = "User: warden-reconcile is not authorized to perform: x:Y";
    const { describeLimits, describeInstances, listCommands, principals } = region({
      authorize: () => {
        throw new AwsError("AccessDenied", sentence, 403);
      },
    });
    const calls = [describeLimits(), describeInstances(), listCommands()];
    const errors = await Promise.all(calls.map(refusalOf));
    expect(errors.map(({ name, message }) => ({ name, message }))).toEqual([
      { name: "AccessDenied", message: sentence },
      { name: "UnauthorizedOperation", message: `You are not authorized to perform this operation. ${sentence}` },
      { name: "AccessDeniedException", message: sentence },
    ]);
    expect(principals).toEqual([]);
  });
});

describe("throttling", () => {
  it("answers in each service's own words and does not run the operation", async () => {
    const { describeLimits, describeInstances, listCommands, principals } = region({ limits: { admit: () => false } });
    const errors = await Promise.all([describeLimits(), describeInstances(), listCommands()].map(refusalOf));
    expect(errors.map(({ name, message, $metadata }) => [name, message, $metadata?.httpStatusCode])).toEqual([
      ["Throttling", "Rate exceeded", 400],
      ["RequestLimitExceeded", "Request limit exceeded.", 503],
      ["ThrottlingException", "Rate exceeded", 400],
    ]);
    expect(principals).toEqual([]);
  });

  it("counts calls that validation refuses afterwards", async () => {
    const admitted: string[] = [];
    const { router } = region({ limits: { admit: ({ operation }) => admitted.push(operation) > 0 } });
    const client = new autoscaling.AutoScalingClient(clientConfig(router));
    const command = new autoscaling.SetDesiredCapacityCommand({ AutoScalingGroupName: "", DesiredCapacity: 1 });
    expect((await refusalOf(client.send(command))).name).toBe("ValidationError");
    expect(admitted).toEqual(["SetDesiredCapacity"]);
  });
});

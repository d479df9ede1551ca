/** One call in a sequence that makes sense against any AWS, and the clients that it is made with. */
import * as autoScaling from "@aws-sdk/client-auto-scaling";
import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as eventBridge from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";

export interface Clients {
  readonly autoScaling: autoScaling.AutoScaling;
  readonly ec2: ec2.EC2;
  readonly elb: elb.ElasticLoadBalancingV2;
  readonly events: eventBridge.EventBridge;
  readonly iam: iam.IAM;
  readonly sqs: sqs.SQS;
  readonly ssm: ssm.SSM;
}

export function clientsAt(endpoint: string): Clients {
  const options = {
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    // moto answers what it does not know with a page of HTML and status 500: asking again is no use.
    maxAttempts: 1,
  };
  return {
    autoScaling: new autoScaling.AutoScaling(options),
    ec2: new ec2.EC2(options),
    elb: new elb.ElasticLoadBalancingV2(options),
    events: new eventBridge.EventBridge(options),
    iam: new iam.IAM(options),
    sqs: new sqs.SQS(options),
    ssm: new ssm.SSM(options),
  };
}

export interface Step {
  readonly name: string;
  run(clients: Clients, found: Found): Promise<unknown>;
}

/** What earlier steps found out: each stand-in has ids of its own. */
export class Found {
  readonly #values = new Map<string, string>();

  put(name: string, value: string | undefined): void {
    this.#values.set(name, value ?? "");
  }

  get(name: string): string {
    return this.#values.get(name) ?? "";
  }
}

export const step = (name: string, run: Step["run"]): Step => ({ name, run });

/** The name of whatever the steps make. */
export const kitchen = "kitchen";

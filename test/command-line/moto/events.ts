/** A bus, a rule and its targets. */
import { kitchen, type Step, step } from "./step.ts";

export const eventsSteps: readonly Step[] = [
  step("events CreateEventBus", (c) => c.events.createEventBus({ Name: kitchen })),
  step("events CreateEventBus of a name that is taken", (c) => c.events.createEventBus({ Name: kitchen })),
  step("events PutRule", (c) =>
    c.events.putRule({ Name: kitchen, EventPattern: JSON.stringify({ source: ["mine"] }), Description: "soup" }),
  ),
  step("events PutRule with a pattern that is none", (c) => c.events.putRule({ Name: "bad", EventPattern: "{bad" })),
  step("events DescribeRule", (c) => c.events.describeRule({ Name: kitchen })),
  step("events DescribeRule that does not exist", (c) => c.events.describeRule({ Name: "nobody" })),
  step("events PutTargets", (c) =>
    c.events.putTargets({ Rule: kitchen, Targets: [{ Id: "1", Arn: "arn:aws:sqs:eu-west-1:000000000000:kitchen" }] }),
  ),
  step("events ListTargetsByRule", (c) => c.events.listTargetsByRule({ Rule: kitchen })),
  step("events ListRules", (c) => c.events.listRules({ NamePrefix: kitchen })),
  step("events DisableRule", (c) => c.events.disableRule({ Name: kitchen })),
  step("events RemoveTargets", (c) => c.events.removeTargets({ Rule: kitchen, Ids: ["1"] })),
  step("events PutEvents", (c) =>
    c.events.putEvents({ Entries: [{ Source: "mine", DetailType: "Lunch", Detail: "{}" }] }),
  ),
  step("events DeleteRule", (c) => c.events.deleteRule({ Name: kitchen })),
];

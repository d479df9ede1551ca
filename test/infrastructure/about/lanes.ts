/** Nothing that happens is lost on its way to the loop. */
import { functions, laneSettings } from "@warden/functions/catalogue";
import { describe, expect, it } from "vitest";
import { rules } from "../../../events/index.ts";
import { samples } from "../../../events/test/samples.ts";
import { eventPattern } from "../../../packages/aws-local/src/services/eventbridge/pattern.ts";
import type { Graph, Resource } from "../graph.ts";
import { all, type Graphs, one, stages, statementsIn } from "../stages.ts";

export function lanes(graph: Graphs): void {
  describe.each(stages)("%s", (stage) => {
    it("sends each event of the catalogue to its own lane, from the default bus", () => {
      const found = patterned(graph(stage))
        .filter(({ inputs }) => inputs["eventBusName"] === undefined)
        .map(({ inputs }) => ({
          pattern: JSON.parse(inputs["eventPattern"]),
          to: targetOf(graph(stage), inputs["name"]).inputs["arn"],
        }));
      const expected = rules.map(({ pattern, lane }) => ({ pattern, to: queueArn(`warden-${stage}-${lane}`) }));
      expect(found).toEqual(expected);
    });

    it("keeps what a rule cannot deliver in a dead-letter queue that takes it", () => {
      const every = all(graph(stage), "aws:cloudwatch/eventRule:EventRule");
      expect(every.length).toBe(rules.length + functions.filter(({ trigger }) => trigger.kind !== "lane").length);
      for (const { inputs } of every) {
        const dlq = targetOf(graph(stage), inputs["name"]).inputs["deadLetterConfig"]?.arn;
        expect(dlq).toMatch(/-dlq$/);
        expect(takes(graph(stage), dlq, "events.amazonaws.com")).toContain(ruleArn(stage, "*"));
      }
    });

    it("lets only its own rules and its own topic write to a lane", () => {
      for (const lane of ["urgent", "normal", "urgent-dlq", "normal-dlq"]) {
        const queue = queueArn(`warden-${stage}-${lane}`);
        expect(takes(graph(stage), queue, "events.amazonaws.com")).toEqual([ruleArn(stage, "*")]);
        expect(takes(graph(stage), queue, "sns.amazonaws.com")).toEqual([
          `arn:aws:sns:eu-west-1:123456789012:warden-${stage}-caches`,
        ]);
      }
    });

    it("gives up on a message as the catalogue says, and keeps it for a fortnight", () => {
      for (const lane of ["urgent", "normal"] as const) {
        const { inputs } = queueNamed(graph(stage), `warden-${stage}-${lane}`);
        expect(JSON.parse(inputs["redrivePolicy"])).toEqual({
          deadLetterTargetArn: queueArn(`warden-${stage}-${lane}-dlq`),
          maxReceiveCount: laneSettings[lane].deliveries,
        });
        expect(inputs["visibilityTimeoutSeconds"]).toBe(laneSettings[lane].visibility);
        expect(queueNamed(graph(stage), `warden-${stage}-${lane}-dlq`).inputs["messageRetentionSeconds"]).toBe(
          1_209_600,
        );
      }
    });

    it("reads each lane by one function that may not run longer than a message is hidden", () => {
      const mappings = all(graph(stage), "aws:lambda/eventSourceMapping:EventSourceMapping");
      for (const { name, trigger, timeout } of functions) {
        if (trigger.kind !== "lane") continue;
        const [mapping, ...more] = mappings.filter(
          ({ inputs }) => inputs["eventSourceArn"] === queueArn(`warden-${stage}-${trigger.lane}`),
        );
        expect(more).toEqual([]);
        expect(mapping?.inputs).toMatchObject({
          functionName: expect.stringContaining(`warden-${stage}-${name}`),
          batchSize: trigger.batchSize,
          maximumBatchingWindowInSeconds: trigger.window,
          functionResponseTypes: ["ReportBatchItemFailures"],
          scalingConfig: { maximumConcurrency: trigger.maximumConcurrency },
        });
        expect(timeout).toBeLessThan(laneSettings[trigger.lane].visibility);
      }
    });

    it("runs the others on a schedule, by a rule that may invoke them", () => {
      for (const { name, trigger } of functions) {
        if (trigger.kind !== "schedule") continue;
        const { inputs } = ruleNamed(graph(stage), `warden-${stage}-${name}-schedule`);
        expect(inputs["scheduleExpression"]).toBe(trigger.expression);
        const target = targetOf(graph(stage), inputs["name"]).inputs["arn"];
        expect(target).toBe(`arn:aws:lambda:eu-west-1:123456789012:function:warden-${stage}-${name}`);
        expect(
          all(graph(stage), "aws:lambda/permission:Permission").map((permission) => permission.inputs["sourceArn"]),
        ).toContain(ruleArn(stage, `${name}-schedule`));
      }
    });

    it("tells people what Warden says on its own bus, and keeps what could not be told", () => {
      const { inputs } = ruleNamed(graph(stage), `warden-${stage}-notify`);
      const eventBusName = `warden-${stage}-bus`;
      expect(inputs).toMatchObject({ eventBusName });
      const pattern = eventPattern(inputs["eventPattern"]);
      expect(
        ["Incident Opened", "Incident Closed", "Decision Recorded"].map((each) => pattern.matches(own(each))),
      ).toEqual([true, true, false]);
      const arn = `arn:aws:lambda:eu-west-1:123456789012:function:warden-${stage}-notify`;
      expect(targetOf(graph(stage), inputs["name"]).inputs).toMatchObject({ arn, eventBusName });
      expect(
        all(graph(stage), "aws:lambda/permission:Permission").map((permission) => permission.inputs["sourceArn"]),
      ).toContain(ruleArn(stage, "notify", `${eventBusName}/`));
      const notify = one(graph(stage), "aws:lambda/function:Function", "NotifyFunction").inputs;
      expect(notify["deadLetterConfig"]).toEqual({ targetArn: queueArn(`warden-${stage}-normal-dlq`) });
      expect(notify["environment"].variables).toMatchObject({
        ...{ WARDEN_STAGE: stage, WARDEN_TOPIC: `arn:aws:sns:eu-west-1:123456789012:warden-${stage}-alarms` },
      });
    });

    it("hears of its caches", () => {
      const { inputs } = one(graph(stage), "aws:sns/topicSubscription:TopicSubscription", "CacheTopicSubscription");
      expect(inputs["endpoint"]).toBe(queueArn(`warden-${stage}-normal`));
      expect(JSON.parse(inputs["redrivePolicy"])["deadLetterTargetArn"]).toBe(queueArn(`warden-${stage}-normal-dlq`));
      for (const cache of all(graph(stage), "aws:elasticache/replicationGroup:ReplicationGroup"))
        expect(cache.inputs["notificationTopicArn"]).toBe(inputs["topic"]);
    });
  });

  it.each(rules)("the deployed rule $name matches samples of its own kind, and no other", ({ name }) => {
    const { inputs } = ruleNamed(graph("production"), `warden-production-${name}`);
    const pattern = eventPattern(inputs["eventPattern"]);
    const matched = new Set(fromAws.filter(({ body }) => pattern.matches(JSON.parse(body))).map(({ kind }) => kind));
    expect([...matched]).toEqual([name]);
  });
}

const fromAws = samples.filter(({ body }) => String(JSON.parse(body).source).startsWith("aws."));

const own = (type: string): object => ({ source: "warden", "detail-type": type, detail: {} });

const queueArn = (name: string): string => `arn:aws:sqs:eu-west-1:123456789012:${name}`;

const patterned = (graph: Graph): readonly Resource[] =>
  all(graph, "aws:cloudwatch/eventRule:EventRule").filter(({ inputs }) => inputs["eventPattern"] !== undefined);

const ruleArn = (stage: string, name: string, bus = ""): string =>
  `arn:aws:events:eu-west-1:123456789012:rule/${bus}warden-${stage}-${name}`;

function ruleNamed(graph: Graph, name: string): Resource {
  const found = all(graph, "aws:cloudwatch/eventRule:EventRule").find(({ inputs }) => inputs["name"] === name);
  if (found === undefined) throw new Error(`there is no rule ${name}`);
  return found;
}

function queueNamed(graph: Graph, name: string): Resource {
  const found = all(graph, "aws:sqs/queue:Queue").find(({ inputs }) => inputs["name"] === name);
  if (found === undefined) throw new Error(`there is no queue ${name}`);
  return found;
}

function targetOf(graph: Graph, rule: string): Resource {
  const [found, ...more] = all(graph, "aws:cloudwatch/eventTarget:EventTarget").filter(
    ({ inputs }) => inputs["rule"] === rule,
  );
  if (found === undefined || more.length > 0) throw new Error(`${rule} has ${more.length} targets more than it should`);
  return found;
}

/** From where a service may write to a queue. */
function takes(graph: Graph, queue: string, service: string): readonly string[] {
  const policies = all(graph, "aws:sqs/queuePolicy:QueuePolicy").flatMap(({ inputs }) =>
    statementsIn(inputs["policy"]),
  );
  return policies
    .filter(
      ({ effect, actions, resources }) =>
        effect !== "Deny" && actions.includes("sqs:SendMessage") && resources.includes(queue),
    )
    .filter(({ principals }) => principals?.some(({ identifiers }) => identifiers.includes(service)))
    .flatMap(({ conditions = [] }) => conditions.flatMap((condition) => condition["values"]));
}

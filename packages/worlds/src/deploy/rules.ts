/** One rule for each event of the catalogue, straight to its lane, with the lane's dead-letter queue for what fails. */
import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { rules } from "@warden/events";
import type { Deployment } from "../deployment.ts";
import { type DeployContext, named } from "./context.ts";

/** @returns the names of the rules */
export async function deployRules(context: DeployContext, queues: Deployment["queues"]): Promise<string[]> {
  const names: string[] = [];
  for (const rule of rules) {
    const Name = named(context, rule.name);
    await context.clients.events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(rule.pattern) }));
    const queue = queues[rule.lane];
    const Targets = [{ Id: rule.lane, Arn: queue.arn, DeadLetterConfig: { Arn: queue.dlqArn } }];
    await context.clients.events.send(new PutTargetsCommand({ Rule: Name, Targets }));
    names.push(Name);
  }
  return names;
}

/** Warden's own bus. @returns its name */
export async function deployBus(context: DeployContext): Promise<string> {
  const Name = named(context, "bus");
  await context.clients.events.send(new CreateEventBusCommand({ Name }));
  return Name;
}

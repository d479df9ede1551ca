/** One rule on the default bus for each event of the catalogue, straight to its lane; what fails to arrive is kept. */
import { rules as events } from "@warden/events";
import type { Lanes } from "./lanes.ts";
import { named, titleOf } from "./named.ts";

export function rules({ lanes }: { readonly lanes: Lanes }) {
  return events.map(({ name, lane, pattern }) => {
    const { queue, dlq } = lanes[lane];
    const rule = new aws.cloudwatch.EventRule(titleOf(name), {
      name: named(name),
      eventPattern: JSON.stringify(pattern),
    });
    new aws.cloudwatch.EventTarget(`${titleOf(name)}Target`, {
      rule: rule.name,
      arn: queue.arn,
      deadLetterConfig: { arn: dlq.arn },
    });
    return rule;
  });
}

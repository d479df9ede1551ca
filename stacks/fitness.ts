/** Whether a group that was there before, and its target group, are such that Warden can care for their nodes. */
import { groupHealth, readiness } from "@warden/functions/deployed";
import type { ExistingNodes } from "./stage.ts";

/** Of AWS's own description, in the provider's words. */
interface Group {
  readonly name: string;
  readonly healthCheckType: string;
  readonly targetGroupArns: readonly string[];
  readonly maxSize: number;
}

interface Targets {
  readonly arn: string;
  readonly name: string;
  readonly targetType: string;
  readonly protocol: string;
  readonly port: number;
  readonly loadBalancerArns: readonly string[];
}

/** What Warden cannot do without, each in a sentence for who can mend it. */
export function lacking({ max }: ExistingNodes, group: Group, targets: Targets): readonly string[] {
  const { name, healthCheckType, targetGroupArns, maxSize } = group;
  const { protocol, port, targetType, loadBalancerArns } = targets;
  const visited = `${targets.name} asks nodes by ${protocol} on port ${port}`;
  const demands: readonly (readonly [fits: boolean, otherwise: string])[] = [
    [
      healthCheckType === groupHealth.type,
      `the health check type of ${name} is ${healthCheckType}: one outage of the database would end all nodes; set it to ${groupHealth.type}`,
    ],
    [targetGroupArns.includes(targets.arn), `${name} does not register its instances with ${targets.name}`],
    [maxSize <= max, `${name} may have ${maxSize} nodes, and max is ${max}`],
    [targetType === "instance", `the targets of ${targets.name} are of type ${targetType}, not instance`],
    [
      protocol === "HTTP" && port === readiness.port,
      `${visited}: Warden's nodes answer HTTP on port ${readiness.port}`,
    ],
    [loadBalancerArns.length === 1, `${loadBalancerArns.length} load balancers send to ${targets.name}, not one`],
  ];
  return demands.filter(([fits]) => !fits).map(([, otherwise]) => otherwise);
}

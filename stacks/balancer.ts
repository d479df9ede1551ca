/** What visitors reach: a load balancer with HTTPS, and the target group, which asks each node whether it is ready. */
import { readiness } from "@warden/functions/deployed";
import { accessLogs } from "./access-logs.ts";
import { named } from "./named.ts";
import type { Network } from "./network.ts";
import type { Stage } from "./stage.ts";

export function balancer(stage: Stage, { vpc, traffic }: Network) {
  const { site, production } = stage;
  const alb = new sst.aws.Alb("Balancer", {
    vpc,
    domain: { name: site.host, dns: sst.aws.dns() },
    listeners: [
      { port: 443, protocol: "https" },
      { port: 80, protocol: "http" },
    ],
    transform: {
      loadBalancer: {
        ...{ name: named(site.name), securityGroups: [traffic.balancer.id], idleTimeout: 60 },
        ...{ enableDeletionProtection: production, dropInvalidHeaderFields: true },
        accessLogs: accessLogs(stage),
      },
      listener: (listener) => {
        if (listener.protocol === "HTTPS") listener.sslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
        else listener.defaultActions = [toHttps];
      },
    },
  });
  const targets = new aws.lb.TargetGroup("Targets", {
    ...{ name: named(site.name), vpcId: vpc.id, targetType: "instance", protocol: "HTTP", port: readiness.port },
    deregistrationDelay,
    healthCheck: {
      ...{ path: readiness.path, matcher: "200", interval: 10, timeout: readiness.timeout },
      ...{ healthyThreshold: readiness.healthy, unhealthyThreshold: readiness.unhealthy },
    },
  });
  const rule = new aws.lb.ListenerRule("ToNodes", {
    ...{ listenerArn: alb.getListener("https", 443).arn, priority: 1 },
    conditions: [{ pathPattern: { values: ["/*"] } }],
    actions: [{ type: "forward", targetGroupArn: targets.arn }],
  });
  return { alb, targets, rule };
}

/** Seconds that a request may take to end on a node that leaves: more than the longest request. */
export const deregistrationDelay = 300;

const toHttps = { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } };

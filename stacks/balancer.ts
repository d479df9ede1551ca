/** What visitors reach: a load balancer with HTTPS, and a site's target group, which asks each node whether it is ready. */
import { readiness } from "@warden/functions/deployed";
import type { accessLogs } from "./access-logs.ts";
import { firewall } from "./firewall.ts";
import { named, namedOf, titled } from "./named.ts";
import type { Network } from "./network.ts";
import { usersOf } from "./sharing.ts";
import type { Firewall, Site, Stage } from "./stage.ts";

export function balancer(
  stage: Stage,
  site: Site,
  mode: Firewall,
  { forBalancer, traffic }: Network,
  logs: ReturnType<typeof accessLogs>,
): sst.aws.Alb {
  const [, ...others] = usersOf(stage, site, "balancer");
  const alb = new sst.aws.Alb(titled(site, "Balancer"), {
    vpc: forBalancer,
    domain: { name: site.host, aliases: others.map(({ host }) => host), dns: sst.aws.dns() },
    listeners: [
      { port: 443, protocol: "https" },
      { port: 80, protocol: "http" },
    ],
    transform: {
      loadBalancer: {
        ...{ name: named(site.name), securityGroups: [traffic.balancer.id], idleTimeout: 60 },
        ...{ enableDeletionProtection: stage.production, dropInvalidHeaderFields: true },
        accessLogs: logs,
      },
      listener: (listener) => {
        if (listener.protocol === "HTTPS") listener.sslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
        else listener.defaultActions = [toHttps];
      },
    },
  });
  if (mode !== "none") firewall(site, mode, alb);
  return alb;
}

/** Where the load balancer finds a site's nodes. */
export interface SiteTargets {
  readonly arn: $util.Output<string>;
  /** As CloudWatch's dimensions name them. */
  readonly dimensions: { readonly TargetGroup: $util.Output<string>; readonly LoadBalancer: $util.Output<string> };
  /** Seconds. */
  readonly delay: $util.Output<number>;
  /** What brings visitors to them. */
  readonly ready: readonly $util.Resource[];
}

/** The site's nodes, and the rule that brings them their visitors. Who asks for no site's name gets the listener's refusal. */
export function target(stage: Stage, site: Site, alb: sst.aws.Alb, { id }: Network): SiteTargets {
  const targets = new aws.lb.TargetGroup(titled(site, "Targets"), {
    ...{ name: named(site.name), vpcId: id, targetType: "instance", protocol: "HTTP", port: readiness.port },
    deregistrationDelay,
    healthCheck: {
      ...{ path: readiness.path, matcher: "200", interval: 10, timeout: readiness.timeout },
      ...{ healthyThreshold: readiness.healthy, unhealthyThreshold: readiness.unhealthy },
    },
  });
  const rule = new aws.lb.ListenerRule(titled(site, "ToNodes"), {
    ...{ listenerArn: alb.getListener("https", 443).arn, priority: stage.sites.indexOf(site) + 1 },
    conditions: [{ hostHeader: { values: [site.host] } }],
    actions: [{ type: "forward", targetGroupArn: targets.arn }],
    tags: { Name: namedOf(site, "nodes") },
  });
  return {
    ...{ arn: targets.arn, delay: $output(deregistrationDelay), ready: [rule] },
    dimensions: { TargetGroup: targets.arnSuffix, LoadBalancer: alb.nodes.loadBalancer.arnSuffix },
  };
}

/** Seconds that a request may take to end on a node that leaves: more than the longest request. */
const deregistrationDelay = 300;

const toHttps = { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } };

/**
 * What visitors reach, or CloudFront for them: a load balancer with HTTPS, and a site's target group, which asks each node whether it
 * is ready.
 */
import { readiness } from "@warden/functions/deployed";
import type { accessLogs } from "./access-logs.ts";
import { cloudFront, passwordHeader } from "./cloud-front.ts";
import { beforeBalancer } from "./firewall.ts";
import { named, namedOf, titled } from "./named.ts";
import { balancerOf, type Network } from "./network.ts";
import { usersOf } from "./sharing.ts";
import type { Balancer, Site, Stage } from "./stage.ts";

export interface SiteBalancer {
  readonly alb: sst.aws.Alb;
  /** What a request has to say besides for which site it is: without it the listener refuses. */
  readonly admitted: readonly aws.types.input.lb.ListenerRuleCondition[];
}

export function balancer(
  stage: Stage,
  site: Site,
  wanted: Balancer,
  network: Network,
  logs: ReturnType<typeof accessLogs>,
): SiteBalancer {
  const [, ...others] = usersOf(stage, site, "balancer");
  const hosts = { name: site.host, aliases: others.map(({ host }) => host) };
  // The sites' names lead to CloudFront, and one of the certificate's names must be that by which it asks.
  const origin = `origin.${site.host}`;
  const alb = new sst.aws.Alb(titled(site, "Balancer"), {
    vpc: network.forBalancer,
    domain: { ...(wanted.cloudFront ? { name: origin } : hosts), dns: sst.aws.dns() },
    listeners: [
      { port: 443, protocol: "https" },
      ...(wanted.cloudFront ? [] : [{ port: 80, protocol: "http" } as const]),
    ],
    transform: {
      loadBalancer: {
        ...{ name: named(site.name), securityGroups: [balancerOf(stage, site, network.traffic)], idleTimeout },
        ...{ enableDeletionProtection: stage.production, dropInvalidHeaderFields: true },
        // CloudFront has put the visitor's address last, where Moodle looks for it (`getremoteaddrconf`): its own would come after it.
        xffHeaderProcessingMode: wanted.cloudFront ? "preserve" : "append",
        accessLogs: logs,
      },
      listener: (listener) => {
        if (listener.protocol === "HTTPS") listener.sslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
        else listener.defaultActions = [toHttps];
      },
    },
  });
  const { firewall } = wanted;
  if (!wanted.cloudFront) {
    if (firewall !== "none") beforeBalancer(site, firewall, alb);
    return { alb, admitted: [] };
  }
  const password = new random.RandomPassword(titled(site, "FromCloudFront"), { length: 32, special: false }).result;
  cloudFront(site, { others, firewall, origin, idleTimeout, password });
  return { alb, admitted: [{ httpHeader: { httpHeaderName: passwordHeader, values: [password] } }] };
}

/** Seconds. */
const idleTimeout = 60;

/** The site's nodes, and the rule that brings them their visitors. Who asks for no site's name gets the listener's refusal. */
export function target(stage: Stage, site: Site, { alb, admitted }: SiteBalancer, { id }: Network) {
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
    conditions: [{ hostHeader: { values: [site.host] } }, ...admitted],
    actions: [{ type: "forward", targetGroupArn: targets.arn }],
    tags: { Name: namedOf(site, "nodes") },
  });
  return { targets, rule };
}

/** Seconds that a request may take to end on a node that leaves: more than the longest request. */
export const deregistrationDelay = 300;

const toHttps = { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } };

/** Load balancers and their listeners, as the parts of this service share them. */
import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";

export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  readonly order: number;
  readonly createdAt: number;
  readonly scheme: elb.LoadBalancerSchemeEnum;
  readonly subnets: readonly { readonly id: string; readonly zone: string }[];
  readonly securityGroups: readonly string[];
  readonly dnsName: string;
  readonly attributes: Map<string, string>;
}

export interface Listener {
  readonly arn: string;
  readonly order: number;
  readonly loadBalancer: LoadBalancer;
  readonly ruleArn: string;
  port: number;
  protocol: "HTTP" | "HTTPS";
  certificates: readonly elb.Certificate[];
  sslPolicy: string | undefined;
  actions: readonly elb.Action[];
}

/** `app/moodle/0123456789abcdef`, as metrics and ARNs of listeners name it. */
export const loadBalancerPath = ({ arn }: LoadBalancer): string => arn.slice(arn.indexOf("loadbalancer/") + 13);

export const forwardsTo = (actions: readonly elb.Action[]): string[] =>
  actions.flatMap((action) => action.ForwardConfig?.TargetGroups?.flatMap((group) => group.TargetGroupArn ?? []) ?? []);

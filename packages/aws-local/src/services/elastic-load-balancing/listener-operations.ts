/** Listeners with their default action, which AWS also shows as a rule. */

import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { DuplicateListenerException, RuleNotFoundException } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { notModelled, requireRange, validationError } from "./errors.ts";
import { forwardsTo, type Listener, type LoadBalancer, loadBalancerPath } from "./load-balancer.ts";
import { pageOf } from "./paging.ts";
import { type Registry, requireFreeFor } from "./registry.ts";
import { type TagStore, tagsFrom } from "./tags.ts";
import type { Targets } from "./targets.ts";

type ListenerOperations = Pick<
  Operations<typeof elb>,
  "CreateListener" | "DeleteListener" | "DescribeListeners" | "DescribeRules" | "ModifyListener"
>;

interface Settings {
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS";
  readonly certificates: readonly elb.Certificate[];
  readonly sslPolicy: string | undefined;
  readonly actions: readonly elb.Action[];
}

interface SettingsInput {
  readonly Port?: number | undefined;
  readonly Protocol?: string | undefined;
  readonly Certificates?: readonly elb.Certificate[] | undefined;
  readonly SslPolicy?: string | undefined;
  readonly DefaultActions?: readonly elb.Action[] | undefined;
  readonly AlpnPolicy?: readonly string[] | undefined;
  readonly MutualAuthentication?: elb.MutualAuthenticationAttributes | undefined;
}

const DEFAULT_SSL_POLICY = "ELBSecurityPolicy-2016-08";

export function listenerOperations(
  { random, region, account }: Surroundings,
  registry: Registry,
  targets: Targets,
  tags: TagStore,
): ListenerOperations {
  return {
    /** The same request again finds the same listener. */
    CreateListener(input) {
      const loadBalancer = registry.loadBalancer(input.LoadBalancerArn);
      const settings = settingsOf(input, undefined);
      requireGroups(loadBalancer, settings.actions);
      const existing = registry.listenersOf(loadBalancer).find((listener) => listener.port === settings.port);
      if (existing !== undefined) {
        if (!sameSettings(existing, settings)) throw portTaken();
        return { Listeners: [describe(existing)] };
      }
      const listener = newListener(loadBalancer, settings);
      registry.listeners.set(listener.arn, listener);
      tags.adopt(listener.arn, tagsFrom(input.Tags));
      registry.followForwarding(targets.usageChanged);
      return { Listeners: [describe(listener)] };
    },

    ModifyListener(input) {
      const listener = registry.listener(input.ListenerArn);
      const settings = settingsOf(input, listener);
      const others = registry.listenersOf(listener.loadBalancer).filter((other) => other !== listener);
      if (others.some((other) => other.port === settings.port)) throw portTaken();
      requireGroups(listener.loadBalancer, settings.actions);
      Object.assign(listener, settings);
      registry.followForwarding(targets.usageChanged);
      return { Listeners: [describe(listener)] };
    },

    DeleteListener(input) {
      const listener = registry.listener(input.ListenerArn);
      registry.listeners.delete(listener.arn);
      tags.forget(listener.arn);
      registry.followForwarding(targets.usageChanged);
      return {};
    },

    DescribeListeners(input) {
      const { items, ...rest } = pageOf(chosen(input.LoadBalancerArn, input.ListenerArns), input);
      return { Listeners: items.map(describe), ...rest };
    },

    DescribeRules(input) {
      if (input.ListenerArn === undefined && input.RuleArns === undefined) {
        throw validationError("You must specify either listener ARN or rule ARNs");
      }
      const listeners =
        input.ListenerArn === undefined ? [...registry.listeners.values()] : [registry.listener(input.ListenerArn)];
      const shown = listeners.filter(({ ruleArn }) => input.RuleArns?.includes(ruleArn) ?? true);
      if (shown.length < (input.RuleArns?.length ?? 0)) {
        throw new RuleNotFoundException({ message: "One or more rules not found", $metadata: {} });
      }
      const { items, ...rest } = pageOf(shown, input);
      return { Rules: items.map(defaultRule), ...rest };
    },
  };

  function chosen(loadBalancerArn: string | undefined, arns: readonly string[] | undefined): readonly Listener[] {
    if (loadBalancerArn !== undefined) return registry.listenersOf(registry.loadBalancer(loadBalancerArn));
    if (arns === undefined) throw validationError("You must specify either listener ARNs or a load balancer ARN");
    return arns.map((arn) => registry.listener(arn)).sort((one, other) => one.order - other.order);
  }

  function requireGroups(loadBalancer: LoadBalancer, actions: readonly elb.Action[]): void {
    requireFreeFor(
      loadBalancer,
      forwardsTo(actions).map((arn) => registry.targetGroup(arn)),
    );
  }

  function newListener(loadBalancer: LoadBalancer, settings: Settings): Listener {
    const own = `${loadBalancerPath(loadBalancer)}/${random.hex(16)}`;
    const prefix = `arn:aws:elasticloadbalancing:${region}:${account}:`;
    return {
      arn: `${prefix}listener/${own}`,
      ruleArn: `${prefix}listener-rule/${own}/${random.hex(16)}`,
      order: registry.nextOrder(),
      loadBalancer,
      ...settings,
    };
  }
}

function settingsOf(input: SettingsInput, present: Settings | undefined): Settings {
  if (input.AlpnPolicy !== undefined) throw notModelled("An ALPN policy");
  if (input.MutualAuthentication !== undefined) throw notModelled("Mutual authentication");
  const port = input.Port ?? present?.port;
  const protocol = input.Protocol ?? present?.protocol;
  if (port === undefined) throw validationError("A port must be specified");
  if (protocol === undefined) throw validationError("A protocol must be specified");
  if (protocol !== "HTTP" && protocol !== "HTTPS") throw notModelled(`A listener for ${protocol}`);
  requireRange(port, "port", 1, 65_535);
  const certificates = input.Certificates ?? present?.certificates ?? [];
  if (protocol === "HTTPS" && certificates.length === 0) {
    throw validationError("A certificate must be specified for HTTPS listeners");
  }
  return {
    port,
    protocol,
    certificates: protocol === "HTTPS" ? certificates : [],
    sslPolicy: protocol === "HTTPS" ? (input.SslPolicy ?? present?.sslPolicy ?? DEFAULT_SSL_POLICY) : undefined,
    actions: input.DefaultActions?.map(normalised) ?? present?.actions ?? [],
  };
}

const MODELLED_ACTIONS: readonly (string | undefined)[] = ["forward", "redirect", "fixed-response"];

/** A forward to one group may be written in two ways; AWS answers with both. */
function normalised(action: elb.Action): elb.Action {
  if (!MODELLED_ACTIONS.includes(action.Type)) throw notModelled(`An action of type ${action.Type}`);
  if (action.Type !== "forward") return structuredClone(action);
  const groups = action.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: action.TargetGroupArn }];
  const weighted = groups.map((group) => ({ TargetGroupArn: group.TargetGroupArn, Weight: group.Weight ?? 1 }));
  const only = weighted.length === 1 ? weighted[0]?.TargetGroupArn : undefined;
  if (weighted.some((group) => group.TargetGroupArn === undefined)) {
    throw validationError("A target group ARN must be specified");
  }
  return {
    Type: "forward",
    ...(action.Order === undefined ? {} : { Order: action.Order }),
    ...(only === undefined ? {} : { TargetGroupArn: only }),
    ForwardConfig: {
      TargetGroups: weighted,
      TargetGroupStickinessConfig: action.ForwardConfig?.TargetGroupStickinessConfig ?? { Enabled: false },
    },
  };
}

const sameSettings = ({ port, protocol, certificates, sslPolicy, actions }: Listener, wanted: Settings): boolean =>
  JSON.stringify({ port, protocol, certificates, sslPolicy, actions }) === JSON.stringify(wanted);

const portTaken = (): Error =>
  new DuplicateListenerException({
    message: "A listener already exists on this port for this load balancer",
    $metadata: {},
  });

const describe = (listener: Listener): elb.Listener => ({
  ListenerArn: listener.arn,
  LoadBalancerArn: listener.loadBalancer.arn,
  Port: listener.port,
  Protocol: listener.protocol,
  DefaultActions: structuredClone([...listener.actions]),
  ...(listener.protocol === "HTTPS" ? { Certificates: [...listener.certificates], SslPolicy: listener.sslPolicy } : {}),
});

const defaultRule = (listener: Listener): elb.Rule => ({
  RuleArn: listener.ruleArn,
  Priority: "default",
  IsDefault: true,
  Conditions: [],
  Actions: structuredClone([...listener.actions]),
});

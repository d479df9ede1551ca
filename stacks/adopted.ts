/**
 * An Auto Scaling group that was there before, and its target group: both are only read. Warden's hooks are resources of their own,
 * so that the group stays its operator's, and goes on without them when the stack is removed. What a lack of theirs would break is
 * refused here, where it is known; what only a running group shows, `warden doctor` tells.
 */
import { userDataKey } from "@warden/aws/names";
import { hooks } from "@warden/functions/deployed";
import type { SiteTargets } from "./balancer.ts";
import { lacking } from "./fitness.ts";
import type { Given } from "./fleet.ts";
import { titled, titleOf } from "./named.ts";
import { nodeImage } from "./node-image.ts";
import { nodePolicy } from "./node-role.ts";
import type { SiteParts } from "./site-parts.ts";
import type { ExistingBalancer, ExistingNodes, Site, Stage } from "./stage.ts";

/** The hooks come last: from then on what the group launches waits for Warden. */
export function adoptedGroup(stage: Stage, parts: SiteParts, nodes: ExistingNodes, given: Given): void {
  const { site, targets, files } = parts;
  const granted = nodePolicy(parts, nodes.role, given.reach);
  const userData = new aws.s3.BucketObjectv2(titled(site, "UserData"), {
    ...{ bucket: given.bucket.name, key: userDataKey(site.name) },
    contentBase64: nodeImage(parts, given.bucket, given.lanes).userData,
  });
  const dependsOn = files.ready.apply((ready) => [...ready, ...given.after, granted, userData]);
  // Known once the group was found to be fit.
  const autoscalingGroupName = targets.arn.apply(() => nodes.group);
  for (const { name, transition, otherwise } of hooks)
    new aws.autoscaling.LifecycleHook(
      titled(site, titleOf(name)),
      {
        ...{ autoscalingGroupName, name, lifecycleTransition: transition },
        ...{ defaultResult: otherwise, heartbeatTimeout: stage.hookTimeout },
      },
      { dependsOn },
    );
}

/** @throws Error, when it is deployed, that says all that the group and its target group lack */
export function adoptedTargets(site: Site, nodes: Site["nodes"], { targetGroup }: ExistingBalancer): SiteTargets {
  if (nodes.kind !== "existing") throw new Error(`the group of ${site.name} was not there before`);
  const found = $resolve({
    group: aws.autoscaling.getGroupOutput({ name: nodes.group }),
    targets: aws.lb.getTargetGroupOutput({ arn: targetGroup }),
  }).apply(({ group, targets }) => {
    const problems = lacking(nodes, group, targets);
    if (problems.length > 0) throw new Error(`stacks/stages.ts: ${site.name}: ${problems.join("; ")}`);
    return targets;
  });
  return {
    ...{ arn: found.arn, delay: found.deregistrationDelay.apply(Number), ready: [] },
    dimensions: {
      TargetGroup: found.arnSuffix,
      LoadBalancer: found.loadBalancerArns.apply(([balancer = ""]) => balancer.split(":loadbalancer/")[1] ?? ""),
    },
  };
}

/** Auto Scaling: groups by name, whose ARN holds a generated id. */
import {
  type Input,
  type LaunchTemplateName,
  type Mapping,
  passRole,
  type ResourceLookups,
  roleArn,
  type Touch,
} from "./request.ts";

export const autoscaling: Mapping = (operation, input, lookups) => [
  { resources: groupsOf(operation, input, lookups).map((name) => groupArn(name, lookups)), context: sizes(input) },
  ...passedRoles(operation, input, lookups),
];

function groupsOf(operation: string, input: Input, lookups: ResourceLookups): string[] {
  if (operation.endsWith("Tags")) return input.items("Tags").flatMap((tag) => tag.texts("ResourceId"));
  if (input.has("AutoScalingGroupName")) return input.texts("AutoScalingGroupName");
  // TerminateInstanceInAutoScalingGroup and SetInstanceHealth name only the instance.
  return input.texts("InstanceId").map((instanceId) => lookups.autoScalingGroupOfInstance(instanceId) ?? "*");
}

function groupArn(name: string, lookups: ResourceLookups): string {
  const { region, account } = lookups;
  return (
    lookups.autoScalingGroupArn(name) ??
    `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/${name}`
  );
}

function sizes(input: Input): Record<string, string> {
  const { value: minSize } = input.member("MinSize");
  const { value: maxSize } = input.member("MaxSize");
  return {
    ...(minSize === undefined ? {} : { "autoscaling:MinSize": String(minSize) }),
    ...(maxSize === undefined ? {} : { "autoscaling:MaxSize": String(maxSize) }),
  };
}

/**
 * Who makes a group from a launch template also hands its role to EC2, and needs `ec2:RunInstances` (Auto Scaling
 * guide, "Control Amazon EC2 launch template usage"; here only the role is asked for).
 */
function passedRoles(operation: string, input: Input, lookups: ResourceLookups): Touch[] {
  const hookRole = passRole(input.text("RoleARN"), "autoscaling.amazonaws.com");
  const serviceRole = passRole(input.text("ServiceLinkedRoleARN"), "autoscaling.amazonaws.com");
  if (operation !== "CreateAutoScalingGroup" && operation !== "UpdateAutoScalingGroup")
    return [...hookRole, ...serviceRole];
  const nested = input.member("MixedInstancesPolicy").member("LaunchTemplate").member("LaunchTemplateSpecification");
  const template = input.has("LaunchTemplate") ? input.member("LaunchTemplate") : nested;
  return [
    ...serviceRole,
    ...passRole(roleArn(lookups.roleOfLaunchTemplate(templateOf(template)), lookups), "ec2.amazonaws.com"),
    ...input
      .items("LifecycleHookSpecificationList")
      .flatMap((hook) => passRole(hook.text("RoleARN"), "autoscaling.amazonaws.com")),
  ];
}

function templateOf(template: Input): LaunchTemplateName {
  const [id, name, version] = ["LaunchTemplateId", "LaunchTemplateName", "Version"].map((part) => template.text(part));
  return {
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
  };
}

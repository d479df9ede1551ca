/** IAM, STS, Secrets Manager and Elastic Load Balancing. */
import { type Input, type Mapping, passRole, type ResourceLookups } from "./request.ts";

export const iam: Mapping = (operation, input, { account }) => {
  const arn = (type: string) => (name: string) => `arn:aws:iam::${account}:${type}${input.text("Path") ?? "/"}${name}`;
  const profiles = input.texts("InstanceProfileName").map(arn("instance-profile"));
  // A role in an instance profile is handed to EC2; the action itself is about the profile.
  const roles = profiles.length > 0 ? [] : input.texts("RoleName").map(arn("role"));
  // Attaching a policy is allowed on the role; the policy's ARN is a condition key.
  const policies = operation.includes("RolePolicy") ? [] : input.texts("PolicyArn");
  return [
    {
      resources: [
        ...profiles,
        ...roles,
        ...policies,
        ...(operation === "CreatePolicy" ? input.texts("PolicyName").map(arn("policy")) : []),
        ...input.texts("PolicySourceArn"),
      ],
      context: input.has("PolicyArn") ? { "iam:PolicyARN": input.texts("PolicyArn") } : {},
    },
    ...(operation === "AddRoleToInstanceProfile"
      ? input.texts("RoleName").flatMap((name) => passRole(arn("role")(name), "ec2.amazonaws.com"))
      : []),
  ];
};

/** Everyone may ask who he is (STS API reference, GetCallerIdentity: no permissions are required). */
export const sts: Mapping = (operation, input) =>
  operation === "GetCallerIdentity" ? [] : [{ resources: input.texts("RoleArn") }];

export const secretsmanager: Mapping = (operation, input, lookups) => {
  const names = operation === "CreateSecret" ? input.texts("Name") : input.texts("SecretId");
  return [{ resources: names.map((name) => secretArn(name, lookups)), context: versionOf(input) }];
};

function secretArn(name: string, lookups: ResourceLookups): string {
  const { region, account } = lookups;
  return (
    lookups.secretArn(name) ??
    (name.startsWith("arn:") ? name : `arn:aws:secretsmanager:${region}:${account}:secret:${name}`)
  );
}

function versionOf(input: Input): Record<string, string> {
  const stage = input.text("VersionStage");
  return stage === undefined ? {} : { "secretsmanager:VersionStage": stage };
}

/** Existing things are named by their ARN; new ones only by their name. */
export const elasticloadbalancing: Mapping = (operation, input, { region, account }) => {
  const made = new Map([
    ["CreateTargetGroup", "targetgroup"],
    ["CreateLoadBalancer", "loadbalancer/app"],
  ]).get(operation);
  if (made !== undefined)
    return [
      {
        resources: input
          .texts("Name")
          .map((name) => `arn:aws:elasticloadbalancing:${region}:${account}:${made}/${name}/*`),
      },
    ];
  const named = ["TargetGroupArn", "LoadBalancerArn", "ListenerArn", "RuleArn", "ResourceArns"];
  return [{ resources: named.flatMap((member) => input.texts(member)) }];
};

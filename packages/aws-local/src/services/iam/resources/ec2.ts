/** EC2: instances and whatever else is tagged, by the prefix of their ids. */
import { type Input, type Mapping, passRole, type ResourceLookups, roleArn, type Touch } from "./request.ts";

export const ec2: Mapping = (operation, input, lookups) => {
  if (operation === "RunInstances") return runInstances(input, lookups);
  const ids = ["InstanceIds", "InstanceId", "Resources", "LaunchTemplateId"].flatMap((member) => input.texts(member));
  return [{ resources: ids.map((id) => arnOf(id, lookups)) }];
};

/** Everything that a launch brings forth or uses (Service Authorization Reference, RunInstances). */
function runInstances(input: Input, lookups: ResourceLookups): Touch[] {
  const { region, account } = lookups;
  const own = (path: string): string => `arn:aws:ec2:${region}:${account}:${path}`;
  const used = ["SubnetId", "SecurityGroupIds"].flatMap((member) => input.texts(member));
  const template = input.member("LaunchTemplate").texts("LaunchTemplateId");
  const images = input.texts("ImageId").map((id) => `arn:aws:ec2:${region}::image/${id}`);
  const profile = input.member("IamInstanceProfile");
  const [profileName] = [...profile.texts("Name"), ...profile.texts("Arn")];
  const role = profileName === undefined ? undefined : lookups.roleOfInstanceProfile(profileName);
  return [
    ...["instance/*", "volume/*", "network-interface/*"].map((path) => ({ resources: [own(path)] })),
    ...images.map((arn) => ({ resources: [arn] })),
    ...[...used, ...template].map((id) => ({ resources: [arnOf(id, lookups)] })),
    ...passRole(roleArn(role, lookups), "ec2.amazonaws.com"),
  ];
}

function arnOf(id: string, { region, account }: ResourceLookups): string {
  const type = types.get(id.replace(/-[0-9a-f*]*$/, "")) ?? "*";
  return `arn:aws:ec2:${region}:${type === "image" ? "" : account}:${type}/${id}`;
}

const types: ReadonlyMap<string, string> = new Map([
  ["i", "instance"],
  ["ami", "image"],
  ["vol", "volume"],
  ["snap", "snapshot"],
  ["subnet", "subnet"],
  ["sg", "security-group"],
  ["vpc", "vpc"],
  ["eni", "network-interface"],
  ["lt", "launch-template"],
]);

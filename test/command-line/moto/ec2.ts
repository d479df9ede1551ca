/** EC2: launch templates, an instance, and what surrounds it. */
import { kitchen, type Step, step } from "./step.ts";

export const ec2Steps: readonly Step[] = [
  step("ec2 DescribeVpcs", async (c, found) => {
    const answer = await c.ec2.describeVpcs({});
    found.put("vpc", answer.Vpcs?.[0]?.VpcId);
    return answer;
  }),
  step("ec2 DescribeSubnets", async (c, found) => {
    const answer = await c.ec2.describeSubnets({ Filters: [{ Name: "vpc-id", Values: [found.get("vpc")] }] });
    found.put("subnet", answer.Subnets?.[0]?.SubnetId);
    found.put("subnet2", answer.Subnets?.[1]?.SubnetId);
    return answer;
  }),
  step("ec2 DescribeImages", async (c, found) => {
    const answer = await c.ec2.describeImages({});
    found.put("image", answer.Images?.[0]?.ImageId);
    // Which images there are is each stand-in's own choice, so only the first counts.
    return { Images: answer.Images?.slice(0, 1) };
  }),
  step("ec2 CreateLaunchTemplate", async (c, found) => {
    const answer = await c.ec2.createLaunchTemplate({
      LaunchTemplateName: kitchen,
      LaunchTemplateData: { ImageId: found.get("image"), InstanceType: "t3.micro" },
    });
    found.put("template", answer.LaunchTemplate?.LaunchTemplateId);
    return answer;
  }),
  step("ec2 CreateLaunchTemplate of a name that is taken", (c, found) =>
    c.ec2.createLaunchTemplate({ LaunchTemplateName: kitchen, LaunchTemplateData: { ImageId: found.get("image") } }),
  ),
  step("ec2 CreateLaunchTemplateVersion", (c, found) =>
    c.ec2.createLaunchTemplateVersion({
      LaunchTemplateName: kitchen,
      VersionDescription: "second",
      LaunchTemplateData: { ImageId: found.get("image"), InstanceType: "t3.small" },
    }),
  ),
  step("ec2 DescribeLaunchTemplates", (c) => c.ec2.describeLaunchTemplates({ LaunchTemplateNames: [kitchen] })),
  step("ec2 DescribeLaunchTemplateVersions", (c) =>
    c.ec2.describeLaunchTemplateVersions({ LaunchTemplateName: kitchen }),
  ),
  step("ec2 DescribeLaunchTemplates that do not exist", (c) =>
    c.ec2.describeLaunchTemplates({ LaunchTemplateNames: ["nobody"] }),
  ),
  step("ec2 DescribeInstances of an id that does not exist", (c) =>
    c.ec2.describeInstances({ InstanceIds: ["i-0123456789abcdef0"] }),
  ),
  step("ec2 TerminateInstances of an id that is malformed", (c) =>
    c.ec2.terminateInstances({ InstanceIds: ["nonsense"] }),
  ),
  step("ec2 RunInstances", async (c, found) => {
    const answer = await c.ec2.runInstances({
      ImageId: found.get("image"),
      InstanceType: "t3.micro",
      MinCount: 1,
      MaxCount: 1,
      SubnetId: found.get("subnet"),
    });
    found.put("instance", answer.Instances?.[0]?.InstanceId);
    return answer;
  }),
  step("ec2 CreateTags", (c, found) =>
    c.ec2.createTags({ Resources: [found.get("instance")], Tags: [{ Key: "dish", Value: "soup" }] }),
  ),
  step("ec2 DescribeInstances", (c, found) => c.ec2.describeInstances({ InstanceIds: [found.get("instance")] })),
  step("ec2 DescribeTags", (c, found) =>
    c.ec2.describeTags({ Filters: [{ Name: "resource-id", Values: [found.get("instance")] }] }),
  ),
  step("ec2 TerminateInstances", (c, found) => c.ec2.terminateInstances({ InstanceIds: [found.get("instance")] })),
];

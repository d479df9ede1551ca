/** Target groups with their attributes, a load balancer and its listener. */
import { kitchen, type Step, step } from "./step.ts";

export const loadBalancingSteps: readonly Step[] = [
  step("elbv2 CreateTargetGroup", async (c, found) => {
    const answer = await c.elb.createTargetGroup({
      Name: kitchen,
      Protocol: "HTTP",
      Port: 80,
      VpcId: found.get("vpc"),
      TargetType: "instance",
      HealthCheckPath: "/ready",
      Matcher: { HttpCode: "200" },
    });
    found.put("targetGroup", answer.TargetGroups?.[0]?.TargetGroupArn);
    return answer;
  }),
  step("elbv2 DescribeTargetGroups", (c) => c.elb.describeTargetGroups({ Names: [kitchen] })),
  step("elbv2 DescribeTargetGroups that do not exist", (c) => c.elb.describeTargetGroups({ Names: ["nobody"] })),
  step("elbv2 ModifyTargetGroupAttributes", (c, found) =>
    c.elb.modifyTargetGroupAttributes({
      TargetGroupArn: found.get("targetGroup"),
      Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "30" }],
    }),
  ),
  step("elbv2 DescribeTargetGroupAttributes", (c, found) =>
    c.elb.describeTargetGroupAttributes({ TargetGroupArn: found.get("targetGroup") }),
  ),
  step("elbv2 ModifyTargetGroup", (c, found) =>
    c.elb.modifyTargetGroup({ TargetGroupArn: found.get("targetGroup"), HealthCheckIntervalSeconds: 10 }),
  ),
  step("elbv2 AddTags", (c, found) =>
    c.elb.addTags({ ResourceArns: [found.get("targetGroup")], Tags: [{ Key: "dish", Value: "soup" }] }),
  ),
  step("elbv2 DescribeTags", (c, found) => c.elb.describeTags({ ResourceArns: [found.get("targetGroup")] })),
  step("elbv2 CreateLoadBalancer", async (c, found) => {
    const answer = await c.elb.createLoadBalancer({
      Name: kitchen,
      Subnets: [found.get("subnet"), found.get("subnet2")],
      Type: "application",
      Scheme: "internal",
    });
    found.put("balancer", answer.LoadBalancers?.[0]?.LoadBalancerArn);
    return answer;
  }),
  step("elbv2 DescribeLoadBalancers", (c) => c.elb.describeLoadBalancers({ Names: [kitchen] })),
  step("elbv2 DescribeLoadBalancers that do not exist", (c) => c.elb.describeLoadBalancers({ Names: ["nobody"] })),
  step("elbv2 CreateListener", (c, found) =>
    c.elb.createListener({
      LoadBalancerArn: found.get("balancer"),
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "forward", TargetGroupArn: found.get("targetGroup") }],
    }),
  ),
  step("elbv2 DescribeListeners", (c, found) => c.elb.describeListeners({ LoadBalancerArn: found.get("balancer") })),
];

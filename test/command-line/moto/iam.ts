/** A role, its policy and its instance profile. */
import { kitchen, type Step, step } from "./step.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const policy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" }],
});

export const iamSteps: readonly Step[] = [
  step("iam CreateRole", (c) => c.iam.createRole({ RoleName: kitchen, AssumeRolePolicyDocument: trust })),
  step("iam CreateRole of a name that is taken", (c) =>
    c.iam.createRole({ RoleName: kitchen, AssumeRolePolicyDocument: trust }),
  ),
  step("iam GetRole", (c) => c.iam.getRole({ RoleName: kitchen })),
  step("iam GetRole that does not exist", (c) => c.iam.getRole({ RoleName: "nobody" })),
  step("iam PutRolePolicy", (c) =>
    c.iam.putRolePolicy({ RoleName: kitchen, PolicyName: "send", PolicyDocument: policy }),
  ),
  step("iam PutRolePolicy with a document that is none", (c) =>
    c.iam.putRolePolicy({ RoleName: kitchen, PolicyName: "bad", PolicyDocument: "{bad" }),
  ),
  step("iam GetRolePolicy", (c) => c.iam.getRolePolicy({ RoleName: kitchen, PolicyName: "send" })),
  step("iam ListRolePolicies", (c) => c.iam.listRolePolicies({ RoleName: kitchen })),
  step("iam CreateInstanceProfile", (c) => c.iam.createInstanceProfile({ InstanceProfileName: kitchen })),
  step("iam AddRoleToInstanceProfile", (c) =>
    c.iam.addRoleToInstanceProfile({ InstanceProfileName: kitchen, RoleName: kitchen }),
  ),
  step("iam GetInstanceProfile", (c) => c.iam.getInstanceProfile({ InstanceProfileName: kitchen })),
  step("iam DeleteRole while it has a policy", (c) => c.iam.deleteRole({ RoleName: kitchen })),
];

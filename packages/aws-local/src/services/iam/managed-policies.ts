/** Managed policies in their first version: enough to attach what a stack attaches. */
import type * as sdk from "@aws-sdk/client-iam";
import { AwsError } from "../../aws-error.ts";
import type { Operations } from "../../service.ts";
import { marked } from "./marker.ts";
import { encoded, tagList } from "./role-operations.ts";
import { alreadyExists, type Identities, inUse, type ManagedPolicy, missing, policyDocument } from "./roles.ts";

export function managedPolicyOperations(known: Identities) {
  const attachments = (arn: string): number =>
    [...known.roles.values()].filter((role) => role.attached.has(arn)).length;

  const described = (policy: ManagedPolicy): sdk.Policy => ({
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: "v1",
    AttachmentCount: attachments(policy.arn),
    IsAttachable: true,
    Description: policy.description,
    CreateDate: policy.createdAt,
    UpdateDate: policy.createdAt,
    Tags: tagList(policy.tags),
  });

  return {
    CreatePolicy(input) {
      const identity = known.identity("policy", input.PolicyName, input.Path);
      if (known.managedPolicies.has(identity.arn))
        alreadyExists(`A policy called ${identity.name} already exists. Duplicate names are not allowed.`);
      const policy: ManagedPolicy = {
        ...identity,
        description: input.Description,
        document: policyDocument(input.PolicyDocument, identity.name),
        tags: new Map(input.Tags?.map(({ Key, Value }) => [Key, Value])),
      };
      known.managedPolicies.set(policy.arn, policy);
      return { Policy: described(policy) };
    },

    GetPolicy({ PolicyArn }) {
      return { Policy: described(known.managedPolicy(PolicyArn)) };
    },

    GetPolicyVersion({ PolicyArn, VersionId }) {
      const policy = known.managedPolicy(PolicyArn);
      if (VersionId !== "v1") missing(`Policy ${PolicyArn} version ${VersionId} does not exist or is not attachable.`);
      return {
        PolicyVersion: {
          Document: encoded(policy.document.text),
          VersionId,
          IsDefaultVersion: true,
          CreateDate: policy.createdAt,
        },
      };
    },

    DeletePolicy({ PolicyArn }) {
      known.managedPolicy(PolicyArn);
      if (PolicyArn.startsWith("arn:aws:iam::aws:"))
        throw new AwsError("AccessDenied", `Policy ${PolicyArn} belongs to AWS and cannot be deleted.`, 403);
      if (attachments(PolicyArn) > 0) inUse("Cannot delete a policy attached to entities.");
      known.managedPolicies.delete(PolicyArn);
      return {};
    },

    AttachRolePolicy({ RoleName, PolicyArn }) {
      known.role(RoleName).attached.add(known.managedPolicy(PolicyArn).arn);
      return {};
    },

    DetachRolePolicy({ RoleName, PolicyArn }) {
      if (!known.role(RoleName).attached.delete(PolicyArn)) missing(`Policy ${PolicyArn} was not found.`);
      return {};
    },

    ListAttachedRolePolicies(input) {
      const attached = [...known.role(input.RoleName).attached].map((arn) => ({
        PolicyName: known.managedPolicy(arn).name,
        PolicyArn: arn,
      }));
      const { items, ...rest } = marked(attached, ({ PolicyArn }) => PolicyArn, input);
      return { AttachedPolicies: items, ...rest };
    },
  } satisfies Operations<typeof sdk>;
}

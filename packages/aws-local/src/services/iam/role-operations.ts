/** Operations on roles, their inline policies and managed policies. IAM answers documents URL-encoded (RFC 3986). */
import type * as sdk from "@aws-sdk/client-iam";
import type { Operations } from "../../service.ts";
import { marked } from "./marker.ts";
import {
  alreadyExists,
  type Identities,
  inUse,
  missing,
  type PolicyDocument,
  policyDocument,
  type Role,
} from "./roles.ts";
import { notModelled } from "./validation.ts";

export function roleOperations(known: Identities) {
  return {
    CreateRole(input) {
      notModelled("PermissionsBoundary", input.PermissionsBoundary);
      if (known.roles.has(input.RoleName)) alreadyExists(`Role with name ${input.RoleName} already exists.`);
      const role: Role = {
        ...known.identity("role", input.RoleName, input.Path),
        trustPolicy: policyDocument(input.AssumeRolePolicyDocument, "trust"),
        description: input.Description,
        maxSessionDuration: input.MaxSessionDuration ?? 3600,
        tags: new Map(input.Tags?.map(({ Key, Value }) => [Key, Value])),
        policies: new Map(),
        attached: new Set(),
      };
      known.roles.set(role.name, role);
      return { Role: described(role) };
    },

    GetRole({ RoleName }) {
      return { Role: described(known.role(RoleName)) };
    },

    ListRoles(input) {
      const roles = [...known.roles.values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
      const { items, ...rest } = marked(roles, ({ arn }) => arn, input);
      return { Roles: items.map(described), ...rest };
    },

    DeleteRole({ RoleName }) {
      const role = known.role(RoleName);
      if (role.policies.size > 0) inUse("Cannot delete entity, must delete policies first.");
      if (role.attached.size > 0) inUse("Cannot delete entity, must detach all policies first.");
      if ([...known.instanceProfiles.values()].some(({ roleName }) => roleName === RoleName))
        inUse("Cannot delete entity, must remove roles from instance profile first.");
      known.roles.delete(RoleName);
      return {};
    },

    UpdateAssumeRolePolicy({ RoleName, PolicyDocument }) {
      known.role(RoleName).trustPolicy = policyDocument(PolicyDocument, "trust");
      return {};
    },

    PutRolePolicy({ RoleName, PolicyName, PolicyDocument }) {
      known.role(RoleName).policies.set(PolicyName, policyDocument(PolicyDocument, PolicyName));
      return {};
    },

    GetRolePolicy({ RoleName, PolicyName }) {
      const document = inlinePolicy(known.role(RoleName), PolicyName);
      return { RoleName, PolicyName, PolicyDocument: encoded(document.text) };
    },

    ListRolePolicies(input) {
      const { items, ...rest } = marked([...known.role(input.RoleName).policies.keys()], String, input);
      return { PolicyNames: items, ...rest };
    },

    DeleteRolePolicy({ RoleName, PolicyName }) {
      const role = known.role(RoleName);
      inlinePolicy(role, PolicyName);
      role.policies.delete(PolicyName);
      return {};
    },

    TagRole({ RoleName, Tags }) {
      for (const { Key, Value } of Tags) known.role(RoleName).tags.set(Key, Value);
      return {};
    },

    UntagRole({ RoleName, TagKeys }) {
      for (const key of TagKeys) known.role(RoleName).tags.delete(key);
      return {};
    },

    ListRoleTags(input) {
      const { items, ...rest } = marked(tagList(known.role(input.RoleName).tags), ({ Key = "" }) => Key, input);
      return { Tags: items, ...rest };
    },
  } satisfies Operations<typeof sdk>;
}

export function described(role: Role): sdk.Role {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdAt,
    AssumeRolePolicyDocument: encoded(role.trustPolicy.text),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
    ...(role.tags.size > 0 && { Tags: tagList(role.tags) }),
  };
}

export const tagList = (tags: ReadonlyMap<string, string>): sdk.Tag[] =>
  [...tags].map(([Key, Value]) => ({ Key, Value }));

/** `encodeURIComponent` leaves some characters that RFC 3986 wants encoded. */
export const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

function inlinePolicy(role: Role, name: string): PolicyDocument {
  return role.policies.get(name) ?? missing(`The role policy with name ${name} cannot be found.`);
}

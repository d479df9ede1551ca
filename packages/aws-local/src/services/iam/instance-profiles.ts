/** Instance profiles: how a role reaches an EC2 instance. */
import * as sdk from "@aws-sdk/client-iam";
import type { Operations } from "../../service.ts";
import { marked } from "./marker.ts";
import { described as describedRole, tagList } from "./role-operations.ts";
import { alreadyExists, type Identities, type InstanceProfile, inUse, missing } from "./roles.ts";

export function instanceProfileOperations(known: Identities) {
  const described = (profile: InstanceProfile): sdk.InstanceProfile => ({
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: profile.createdAt,
    Roles: profile.roleName === undefined ? [] : [describedRole(known.role(profile.roleName))],
    Tags: tagList(profile.tags),
  });

  return {
    CreateInstanceProfile(input) {
      const name = input.InstanceProfileName;
      if (known.instanceProfiles.has(name)) alreadyExists(`Instance Profile ${name} already exists.`);
      const profile: InstanceProfile = {
        ...known.identity("instance-profile", name, input.Path),
        tags: new Map(input.Tags?.map(({ Key, Value }) => [Key, Value])),
        roleName: undefined,
      };
      known.instanceProfiles.set(name, profile);
      return { InstanceProfile: described(profile) };
    },

    GetInstanceProfile({ InstanceProfileName }) {
      return { InstanceProfile: described(known.instanceProfile(InstanceProfileName)) };
    },

    ListInstanceProfiles(input) {
      const profiles = [...known.instanceProfiles.values()].filter(({ path }) =>
        path.startsWith(input.PathPrefix ?? "/"),
      );
      const { items, ...rest } = marked(profiles, ({ arn }) => arn, input);
      return { InstanceProfiles: items.map(described), ...rest };
    },

    ListInstanceProfilesForRole(input) {
      known.role(input.RoleName);
      const profiles = [...known.instanceProfiles.values()].filter(({ roleName }) => roleName === input.RoleName);
      const { items, ...rest } = marked(profiles, ({ arn }) => arn, input);
      return { InstanceProfiles: items.map(described), ...rest };
    },

    AddRoleToInstanceProfile({ InstanceProfileName, RoleName }) {
      const profile = known.instanceProfile(InstanceProfileName);
      known.role(RoleName);
      if (profile.roleName !== undefined)
        throw new sdk.LimitExceededException({
          message: "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
          $metadata: {},
        });
      profile.roleName = RoleName;
      return {};
    },

    RemoveRoleFromInstanceProfile({ InstanceProfileName, RoleName }) {
      const profile = known.instanceProfile(InstanceProfileName);
      if (profile.roleName !== RoleName) missing(`The role with name ${RoleName} cannot be found.`);
      profile.roleName = undefined;
      return {};
    },

    DeleteInstanceProfile({ InstanceProfileName }) {
      if (known.instanceProfile(InstanceProfileName).roleName !== undefined)
        inUse("Cannot delete entity, must remove roles from instance profile first.");
      known.instanceProfiles.delete(InstanceProfileName);
      return {};
    },
  } satisfies Operations<typeof sdk>;
}

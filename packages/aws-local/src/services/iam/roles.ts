/** Roles, their policies, and instance profiles: the state of IAM. */
import * as sdk from "@aws-sdk/client-iam";
import type { Random } from "../../random.ts";
import type { Surroundings } from "../../region.ts";
import { awsManagedPolicies, policyText } from "./aws-managed-policies.ts";
import { MalformedPolicy, type Policy, readPolicy } from "./policy.ts";

export interface Role {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  trustPolicy: PolicyDocument;
  description: string | undefined;
  readonly maxSessionDuration: number;
  readonly tags: Map<string, string>;
  /** Inline policies by name. */
  readonly policies: Map<string, PolicyDocument>;
  /** Managed policies by ARN. */
  readonly attached: Set<string>;
}

export interface PolicyDocument {
  readonly text: string;
  readonly policy: Policy;
}

export interface InstanceProfile {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly tags: Map<string, string>;
  roleName: string | undefined;
}

export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly description: string | undefined;
  readonly document: PolicyDocument;
  readonly tags: ReadonlyMap<string, string>;
}

export interface Identities {
  readonly roles: Map<string, Role>;
  readonly instanceProfiles: Map<string, InstanceProfile>;
  readonly managedPolicies: Map<string, ManagedPolicy>;
  role(name: string): Role;
  instanceProfile(name: string): InstanceProfile;
  managedPolicy(arn: string): ManagedPolicy;
  /** Inline and attached, as they count for a request of the role. */
  policiesOf(role: Role): Policy[];
  /** Everything that a new thing of IAM is called. */
  identity(kind: Kind, name: string, path: string | undefined): Identity;
}

interface Identity {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
}

type Kind = "role" | "instance-profile" | "policy";

/** The prefixes of unique ids (IAM guide, "IAM identifiers"). */
const idPrefixes = { role: "AROA", "instance-profile": "AIPA", policy: "ANPA" };

export function identities({ account, clock, random }: Surroundings): Identities {
  const roles = new Map<string, Role>();
  const instanceProfiles = new Map<string, InstanceProfile>();
  const managedPolicies = new Map(ofAws(new Date(clock.now()), random).map((policy) => [policy.arn, policy]));

  function managedPolicy(arn: string): ManagedPolicy {
    return managedPolicies.get(arn) ?? missing(`Policy ${arn} does not exist or is not attachable.`);
  }

  return {
    roles,
    instanceProfiles,
    managedPolicies,
    role: (name) => roles.get(name) ?? missing(`The role with name ${name} cannot be found.`),
    instanceProfile: (name) => instanceProfiles.get(name) ?? missing(`Instance Profile ${name} cannot be found.`),
    managedPolicy,
    policiesOf: (role) => [
      ...[...role.policies.values()].map(({ policy }) => policy),
      ...[...role.attached].map((arn) => managedPolicy(arn).document.policy),
    ],
    identity: (kind, name, path = "/") => ({
      name,
      path,
      id: idPrefixes[kind] + random.hex(17).toUpperCase(),
      arn: `arn:aws:iam::${account}:${kind}${path}${name}`,
      createdAt: new Date(clock.now()),
    }),
  };
}

/** AWS's own managed policies belong to the account `aws` and are there from the start. */
function ofAws(createdAt: Date, random: Random): ManagedPolicy[] {
  return awsManagedPolicies.map((policy) => ({
    name: policy.name,
    path: policy.path,
    id: idPrefixes.policy + random.hex(17).toUpperCase(),
    arn: `arn:aws:iam::aws:policy${policy.path}${policy.name}`,
    createdAt,
    description: undefined,
    document: policyDocument(policyText(policy), policy.name),
    tags: new Map(),
  }));
}

/** Refuses a document that IAM would refuse. */
export function policyDocument(text: string, id: string): PolicyDocument {
  try {
    return { text, policy: readPolicy(text, id) };
  } catch (error) {
    if (error instanceof MalformedPolicy)
      throw new sdk.MalformedPolicyDocumentException({ message: error.message, $metadata: {} });
    throw error;
  }
}

export function missing(message: string): never {
  throw new sdk.NoSuchEntityException({ message, $metadata: {} });
}

export function alreadyExists(message: string): never {
  throw new sdk.EntityAlreadyExistsException({ message, $metadata: {} });
}

export function inUse(message: string): never {
  throw new sdk.DeleteConflictException({ message, $metadata: {} });
}

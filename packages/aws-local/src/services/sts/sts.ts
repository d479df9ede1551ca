/** STS: who am I, and temporary credentials for a role. */
import { createHash } from "node:crypto";
import * as sdk from "@aws-sdk/client-sts";
import { AwsError } from "../../aws-error.ts";
import type { Surroundings } from "../../region.ts";
import { type EmbeddedService, embeddedService, type Operations, type Principal } from "../../service.ts";
import { type Credentials, createSessions, type Identify, type Sessions } from "../../wire/identity.ts";

export interface Sts {
  readonly service: EmbeddedService;
  /** For instance profiles and functions: credentials that do not end, as their agents renew them unseen. */
  credentialsFor(roleArn: string, sessionName: string): Required<Credentials>;
  readonly identify: Identify;
}

export interface StsNeighbours {
  /** Whether a role's trust policy lets a caller in. Without: every role of the account may be assumed. */
  readonly trusts?: (roleName: string, principal: { type: "AWS"; value: string }) => boolean;
  /** Where keys live, when somebody else hands some out too. */
  readonly sessions?: Sessions;
}

/** API reference, AssumeRole: default, and the most that a role may ask for another role ("role chaining"). */
const DEFAULT_SESSION = 3600;
const LONGEST_CHAINED_SESSION = 3600;
/** API reference, GetSessionToken. */
const DEFAULT_USER_SESSION = 43_200;

export function createSts(surroundings: Surroundings, neighbours: StsNeighbours = {}): Sts {
  const { clock, random, account } = surroundings;
  const { sessions = createSessions(clock, random), trusts = () => true } = neighbours;

  const operations = {
    GetCallerIdentity: (_, { principal }) => ({ Account: account, ...identityOf(principal, account) }),

    AssumeRole(input, { principal }) {
      refuseUnmodelled(input);
      const { RoleArn, RoleSessionName, DurationSeconds = DEFAULT_SESSION } = input;
      const role = roleIn(RoleArn);
      const caller = identityOf(principal, account);
      const askers = [principalArn(principal, account), `arn:aws:iam::${account}:root`];
      if (role.account !== account || !askers.some((value) => trusts(role.name, { type: "AWS", value })))
        throw new AwsError(
          "AccessDenied",
          `User: ${caller.Arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
          403,
        );
      if (principal.kind === "role" && DurationSeconds > LONGEST_CHAINED_SESSION)
        throw new AwsError(
          "ValidationError",
          "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        );
      const assumed: Principal = { kind: "role", roleName: role.name, sessionName: RoleSessionName };
      const { UserId, Arn } = identityOf(assumed, account);
      return {
        Credentials: issued(sessions.issue(assumed, DurationSeconds * 1000)),
        AssumedRoleUser: { AssumedRoleId: UserId, Arn },
      };
    },

    GetSessionToken(input, { principal }) {
      const { DurationSeconds = DEFAULT_USER_SESSION, SerialNumber, TokenCode } = input;
      if (SerialNumber !== undefined || TokenCode !== undefined) throw notModelled("multi-factor authentication");
      if (principal.kind === "role")
        throw new AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403);
      return { Credentials: issued(sessions.issue(principal, DurationSeconds * 1000)) };
    },
  } satisfies Operations<typeof sdk>;

  return {
    service: embeddedService(sdk, "sts", operations),
    credentialsFor(roleArn, sessionName) {
      const { accessKeyId, secretAccessKey, sessionToken } = sessions.issue({
        kind: "role",
        roleName: roleIn(roleArn).name,
        sessionName,
      });
      if (sessionToken === undefined) throw new Error("temporary credentials have a session token");
      return { accessKeyId, secretAccessKey, sessionToken };
    },
    identify: sessions.identify,
  };
}

/** A role's unique id stands before the session's name; here it follows from the role's name. */
function identityOf(principal: Principal, account: string): { UserId: string; Arn: string } {
  if (principal.kind === "user")
    return { UserId: uniqueId("AIDA", "administrator"), Arn: principalArn(principal, account) };
  const { roleName, sessionName } = principal;
  return {
    UserId: `${uniqueId("AROA", roleName)}:${sessionName}`,
    Arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
  };
}

/** What stands in a trust policy: the role itself, not its session. */
const principalArn = (principal: Principal, account: string): string =>
  `arn:aws:iam::${account}:${principal.kind === "user" ? "user/administrator" : `role/${principal.roleName}`}`;

const uniqueId = (prefix: string, name: string): string =>
  prefix + createHash("sha256").update(name).digest("hex").slice(0, 17).toUpperCase();

/** A role's path is part of its ARN, but not of its name. */
function roleIn(arn: string): { account: string; name: string } {
  const [, account, name] = /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:[^/]+\/)*([^/]+)$/.exec(arn) ?? [];
  if (account === undefined || name === undefined) throw new AwsError("ValidationError", `${arn} is invalid`);
  return { account, name };
}

function issued(credentials: ReturnType<Sessions["issue"]>) {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: credentials.expiration,
  };
}

function refuseUnmodelled(input: object): void {
  const unmodelled = [
    "Policy",
    "PolicyArns",
    "Tags",
    "TransitiveTagKeys",
    "ExternalId",
    "SerialNumber",
    "TokenCode",
    "SourceIdentity",
    "ProvidedContexts",
  ];
  for (const name of unmodelled) if (Reflect.get(input, name) !== undefined) throw notModelled(`the parameter ${name}`);
}

const notModelled = (what: string): AwsError => new AwsError("NotImplemented", `${what} is not modelled here`, 501);

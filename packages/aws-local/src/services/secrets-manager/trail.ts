/**
 * What CloudTrail tells EventBridge of changes to secrets (aws-semantics 3.4). Values never stand in it: CloudTrail
 * leaves them out.
 */
import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { EventIntake } from "../../region.ts";
import type { Call } from "../../service.ts";
import type { Secret } from "./secrets.ts";

export interface Trail {
  record(eventName: string, secret: Secret, requestParameters: Readonly<Record<string, unknown>>, call: Call): void;
}

export function createTrail(
  events: EventIntake,
  { clock, random, region, account }: { clock: Clock; random: Random; region: string; account: string },
): Trail {
  return {
    record(eventName, secret, requestParameters, { principal, requestId }) {
      events.emit({
        source: "aws.secretsmanager",
        detailType: "AWS API Call via CloudTrail",
        resources: [],
        detail: {
          eventVersion: "1.11",
          userIdentity:
            principal.kind === "user"
              ? { type: "IAMUser", accountId: account }
              : { type: "AssumedRole", accountId: account, arn: assumedRole(principal, account) },
          eventTime: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
          eventSource: "secretsmanager.amazonaws.com",
          eventName,
          awsRegion: region,
          requestParameters: Object.fromEntries(
            Object.entries(requestParameters).filter(([, value]) => value !== undefined),
          ),
          responseElements: { arn: secret.arn },
          requestID: requestId,
          eventID: random.uuid(),
          readOnly: false,
          eventType: "AwsApiCall",
          managementEvent: true,
          recipientAccountId: account,
          eventCategory: "Management",
        },
      });
    },
  };
}

const assumedRole = (principal: { roleName: string; sessionName: string }, account: string): string =>
  `arn:aws:sts::${account}:assumed-role/${principal.roleName}/${principal.sessionName}`;

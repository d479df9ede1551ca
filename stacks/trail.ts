/**
 * Who did what in the account, for an account that has no trail yet: the first one is free. Without one, Warden does not hear of
 * secrets that are changed (EventBridge guide, "events from AWS services via CloudTrail").
 */
import { named } from "./named.ts";
import type { Stage } from "./stage.ts";

export function trail({ production }: Stage): void {
  const account = aws.getCallerIdentityOutput().accountId;
  const arn = $interpolate`arn:aws:cloudtrail:${aws.getRegionOutput().region}:${account}:trail/${named("trail")}`;
  const service = [{ type: "service" as const, identifiers: ["cloudtrail.amazonaws.com"] }];
  const ofThisTrail = [{ test: "StringEquals", variable: "aws:SourceArn", values: [arn] }];
  const bucket = new sst.aws.Bucket("Trail", {
    policy: [
      { actions: ["s3:GetBucketAcl"], principals: service, conditions: ofThisTrail },
      { actions: ["s3:PutObject"], principals: service, conditions: ofThisTrail, paths: ["AWSLogs/*"] },
    ],
    lifecycle: [{ id: "forget", expiresIn: "365 days" }],
    // Bucket names are one space for all accounts.
    transform: { bucket: { bucket: $interpolate`${named("trail")}-${account}` } },
  });
  new aws.cloudtrail.Trail(
    "AccountTrail",
    {
      ...{ name: named("trail"), s3BucketName: bucket.name, isMultiRegionTrail: true },
      ...{ includeGlobalServiceEvents: true, enableLogFileValidation: true },
    },
    { dependsOn: bucket, retainOnDelete: production, protect: production },
  );
}

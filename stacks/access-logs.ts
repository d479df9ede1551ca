/** Who asked the load balancer for what: kept as long as the stage keeps its logs. */
import { named } from "./named.ts";
import type { Stage } from "./stage.ts";

export function accessLogs({ logs }: Stage) {
  const bucket = new sst.aws.Bucket("AccessLogs", {
    policy: [
      {
        actions: ["s3:PutObject"],
        principals: [{ type: "service", identifiers: ["logdelivery.elasticloadbalancing.amazonaws.com"] }],
        paths: [`AWSLogs/*`],
      },
    ],
    lifecycle: [{ id: "forget", expiresIn: days[logs] }],
    // Bucket names are one space for all accounts.
    transform: { bucket: { bucket: $interpolate`${named("access")}-${aws.getCallerIdentityOutput().accountId}` } },
  });
  return { enabled: true, bucket: bucket.name };
}

const days = { "1 week": "7 days", "1 month": "30 days", "3 months": "90 days" } as const;

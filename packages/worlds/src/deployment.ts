/**
 * Where the parts of one deployment of Warden are. Whoever deploys writes it to Parameter Store, so that the command
 * needs no more than a stage to find everything.
 */
import { documentNames } from "@warden/moodle";
import * as z from "zod/mini";

export const deploymentSchema = z.object({
  v: z.literal(1),
  stage: z.string(),
  /** Milliseconds since the epoch. */
  deployedAt: z.number(),
  table: z.string(),
  bus: z.string(),
  bucket: z.string(),
  queues: z.object({ urgent: queue(), normal: queue() }),
  /** Lambda function names, by the catalogue's names. */
  functions: z.record(z.string(), z.object({ name: z.string(), roleArn: z.string() })),
  /** Which SSM documents belong to this deployment. */
  documents: registeredDocumentsSchema(),
  /** Names of the EventBridge rules on the default bus. */
  rules: z.array(z.string()),
  /** Names of the rules that run functions on a schedule. */
  schedules: z.array(z.string()),
  /** Names of the rules on the own bus. */
  ownRules: z._default(z.array(z.string()), []),
  /** What the grants reach, as ARNs, by the names that grants use. */
  resources: z.record(z.string(), z.array(z.string())),
});

export type Deployment = z.infer<typeof deploymentSchema>;

export const deploymentParameter = (stage: string): string => `/warden/${stage}/deployment`;

function queue() {
  return z.object({ url: z.string(), arn: z.string(), dlqUrl: z.string(), dlqArn: z.string() });
}

/** Every document has one: a loop without it could not send that command. */
export function registeredDocumentsSchema() {
  return z.object({ prefix: z.string(), versions: z.record(z.enum(documentNames), z.string()) });
}

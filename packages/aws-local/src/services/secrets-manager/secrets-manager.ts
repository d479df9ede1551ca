/** Secrets Manager: secrets, their versions and stages. Changes are told to EventBridge as CloudTrail would. */
import * as sdk from "@aws-sdk/client-secrets-manager";
import type { EventIntake, Surroundings } from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { secretOperations } from "./secret-operations.ts";
import { createSecrets } from "./secrets.ts";
import { createTrail } from "./trail.ts";
import { valueOperations } from "./value-operations.ts";

export interface SecretsManager {
  readonly service: EmbeddedService;
  /** Undefined for a secret that does not exist. */
  arnOf(nameOrArn: string): string | undefined;
}

export function createSecretsManager(
  surroundings: Surroundings,
  neighbours: { readonly events: EventIntake },
): SecretsManager {
  const { clock, random } = surroundings;
  const secrets = createSecrets();
  const trail = createTrail(neighbours.events, surroundings);
  return {
    arnOf: (nameOrArn) => (nameOrArn.startsWith("arn:") ? nameOrArn : secrets.byName.get(nameOrArn)?.arn),
    service: embeddedService(sdk, "secretsmanager", {
      ...secretOperations(secrets, surroundings, trail),
      ...valueOperations(secrets, { clock, random, trail }),
    }),
  };
}

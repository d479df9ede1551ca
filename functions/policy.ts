/** Grants as IAM takes them: the stack and the deployment into the embedded AWS both make their roles of this. */
import type { Grant, Resource } from "./grant.ts";

/** What each name in a grant stands for in one deployment: ARNs, or what will be ARNs once it is there. */
export type Resources<Arn> = Readonly<Record<Resource, readonly Arn[]>>;

export interface Statement<Arn> {
  readonly action: string;
  readonly resources: readonly Arn[];
  readonly conditions: readonly Condition[];
}

export interface Condition {
  readonly test: "StringEquals";
  readonly variable: string;
  readonly values: readonly string[];
}

/** Which stage a node belongs to: nobody knows its ARN before it is there. */
export const stageTag = "warden:stage";

/** A site may have none of what a grant is for, and a statement without a resource is no statement. */
export function statementsOf<Arn>(
  grants: readonly Grant[],
  resources: Resources<Arn>,
  stage: string,
): readonly Statement<Arn>[] {
  const arnsOf = (names: readonly Resource[]): readonly Arn[] => names.flatMap((name) => resources[name]);
  return grants
    .flatMap(({ action, on }) => [
      { action, resources: arnsOf(on.filter((name) => name !== "instances")), conditions: [] },
      { action, resources: arnsOf(on.filter((name) => name === "instances")), conditions: [ofStage(stage)] },
    ])
    .filter((statement) => statement.resources.length > 0);
}

/** Only Systems Manager is asked to do something with an instance (its guide, "Restricting Run Command access based on tags"). */
export const ofStage = (stage: string): Condition => ({
  ...{ test: "StringEquals", variable: `ssm:resourceTag/${stageTag}`, values: [stage] },
});

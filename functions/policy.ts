/** Grants as IAM takes them: the stack and the deployment into the embedded AWS both make their roles of this. */
import type { Grant, Resource } from "./grant.ts";

/** What each name in a grant stands for in one deployment: ARNs, or what will be ARNs once it is there. */
export type Resources<Arn> = Readonly<Record<Resource, readonly Arn[]>>;

export interface Statement<Arn> {
  readonly action: string;
  readonly resources: readonly Arn[];
}

/** A site may have none of what a grant is for, and a statement without a resource is no statement. */
export const statementsOf = <Arn>(grants: readonly Grant[], resources: Resources<Arn>): readonly Statement<Arn>[] =>
  grants
    .map(({ action, on }) => ({ action, resources: on.flatMap((name) => resources[name]) }))
    .filter((statement) => statement.resources.length > 0);

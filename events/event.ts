/**
 * What a kind of event is. Each file of this folder defines one kind with `defineEvent` (it comes through EventBridge)
 * or `defineMessage` (it is sent straight to a queue); `catalogue.ts` lists them and `parse.ts` reads them.
 *
 * An event is never believed further than where it says to look: the loop reads the truth again there.
 */
import { en } from "zod/locales";
import * as z from "zod/mini";
import type { DetailPattern, EventPattern } from "./pattern.ts";

/** zod/mini has no words of its own. Set for the whole process: faults of stored items are said with them, too. */
z.config(en());

/** `urgent`: minutes or seconds count. `normal`: the sweep would find it soon enough. */
export type Lane = "urgent" | "normal";

/** Where an event says to look. */
export type Pointer =
  | {
      readonly kind: "instance";
      readonly instanceId: string;
      readonly group?: string;
      /** Only where an event may be delivered in another Region than the one it speaks of (AWS Health). */
      readonly region?: string;
      readonly notice?: Notice;
    }
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "command"; readonly commandId: string; readonly instanceId?: string }
  /** Something that nodes share: what became of it can be seen on each of them alone. */
  | {
      readonly kind: "dependency";
      readonly service: "elasticache" | "rds" | "secretsmanager";
      /** A cache, a DB instance or cluster, a secret: its name, or its ARN. */
      readonly name: string;
      /** In the service's own word. */
      readonly what: string;
      readonly at?: string;
    }
  /** An alarm that came on, and why in CloudWatch's words. */
  | { readonly kind: "alarm"; readonly name: string; readonly reason: string };

/** What an event carries that cannot be read again later. Only hints: each is checked before use. Times are UTC. */
export type Notice =
  | LifecycleActionNotice
  /** Warned at `at`, gone two minutes later; with `hibernate` there are no two minutes. */
  | { readonly kind: "spot-interruption"; readonly action: string; readonly at: string }
  | { readonly kind: "rebalance-recommendation"; readonly at: string }
  | {
      readonly kind: "scheduled-maintenance";
      readonly code: string;
      readonly notBefore?: string;
      readonly status: "open" | "upcoming" | "closed";
      readonly at: string;
    }
  | { readonly kind: "node-started"; readonly at?: string }
  | {
      readonly kind: "node-notice";
      readonly notice: "spot" | "rebalance" | "maintenance";
      readonly notBefore?: string;
      readonly at?: string;
    };

export interface LifecycleActionNotice {
  readonly kind: "lifecycle-action";
  readonly transition: "launching" | "terminating";
  readonly hook: string;
  readonly token?: string;
  /** `EC2`, `AutoScalingGroup` or `WarmPool`. */
  readonly origin?: string;
  readonly destination?: string;
  /** `ReplaceRootVolume`: a "terminating" instance that will live on with a new root volume. */
  readonly action?: string;
  readonly at: string;
}

/** What an event comes to: places to look at, or nothing, or (only Warden's own wake-up) a key of work. */
export type Points = readonly Pointer[] | NothingToDo | WakeUp;

export interface NothingToDo {
  readonly nothingToDo: string;
}

export interface WakeUp {
  readonly key: string;
  readonly hops: number;
  /** The version of the record that it was set for; a newer record has a wake-up of its own. */
  readonly version?: number;
  /** To be tried by itself: it may be what crashes. */
  readonly alone: boolean;
}

interface Definition<Schema extends z.ZodMiniType> {
  /** Kebab case, the same as its file. */
  readonly name: string;
  readonly lane: Lane;
  readonly source: string;
  readonly detailTypes: readonly string[];
  /** Built when the first event of the kind is read: building them all costs a cold start some milliseconds. */
  schema(): Schema;
  points(event: z.output<Schema>): Points;
}

interface EventDefinition<Schema extends z.ZodMiniType> extends Definition<Schema> {
  /** Narrows the pattern beyond source and detail type, so that what would come to nothing is not even delivered. */
  readonly detail?: DetailPattern;
}

/** A kind of event without its types: what a registry holds. */
export interface MessageKind {
  readonly name: string;
  readonly lane: Lane;
  readonly source: string;
  readonly detailTypes: readonly string[];
  /** Never throws. `wrong` says which field has which fault, and never repeats what stood there. */
  read(body: unknown): Points | { readonly wrong: string };
}

/** A kind that EventBridge delivers. */
export interface EventKind extends MessageKind {
  readonly pattern: EventPattern;
}

/** A kind that EventBridge delivers through a rule with this pattern. */
export function defineEvent<Schema extends z.ZodMiniType>(
  definition: EventDefinition<Schema>,
): EventDefinition<Schema> & EventKind {
  const { source, detailTypes, detail } = definition;
  const pattern = { source: [source], "detail-type": detailTypes, ...(detail !== undefined && { detail }) };
  return { ...defineMessage(definition), pattern };
}

/** A kind that is sent straight to a queue, so there is no rule and no pattern. */
export function defineMessage<Schema extends z.ZodMiniType>(
  definition: Definition<Schema>,
): Definition<Schema> & MessageKind {
  let schema: Schema | undefined;
  return {
    ...definition,
    read(body) {
      schema ??= definition.schema();
      const result = schema.safeParse(body);
      return result.success ? definition.points(result.data) : { wrong: firstFault(result.error) };
    },
  };
}

function firstFault(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? "has the wrong shape" : `${issue.path.join(".")}: ${issue.message}`;
}

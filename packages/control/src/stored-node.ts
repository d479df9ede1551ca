/**
 * A node's record as it lies in the table: checked when read, since another version of Warden may have written it. A
 * newer one is left alone. When `v` grows, the step from the version before is added here, pure, with a stored fixture
 * as its test.
 */
import { groupName, instanceId, type NodeRecord, sharedThings, siteName } from "@warden/fleet";
import * as z from "zod/mini";

export type ReadNode =
  | { readonly kind: "read"; readonly record: NodeRecord }
  | { readonly kind: "newer" }
  | { readonly kind: "damaged"; readonly why: string };

const knownVersion = 1;

export function readNode(stored: unknown): ReadNode {
  const version = versioned.safeParse(stored).data?.v;
  if (version !== undefined && version > knownVersion) return { kind: "newer" };
  const parsed = nodeSchema.safeParse(stored);
  if (!parsed.success) return { kind: "damaged", why: z.prettifyError(parsed.error) };
  const { push, verified } = parsed.data;
  // Before releases could be pushed, a push was always of the release that the node had.
  const release = push?.release ?? verified?.release ?? "";
  return { kind: "read", record: { ...parsed.data, push: push && { ...push, release } } };
}

const versioned = z.object({ v: z.int() });

const time = z.number();

const command = z.object({
  step: z.enum([
    ...[
      "bootstrap",
      "verify",
      "install",
      "push-config",
      "purge-cache",
      "preflight",
      "maintenance",
      "upgrade",
      "rehearse",
    ],
    ...["drain", "drain-status", "evidence"],
  ] as const),
  batch: z.string(),
  intendedAt: time,
});

const launch = z.object({ release: z.string(), digest: z.string(), attempt: z.int(), deadline: time, notBefore: time });

const leave = z.object({
  cause: z.enum(["auto-scaling", "spot", "rebalance", "maintenance", "unhealthy", "operator"]),
  reason: z.string(),
  startedBy: z.enum(["warden", "auto-scaling"]),
  deadline: time,
  asked: z.enum(["no", "yes", "unreachable"]),
  idleAt: z.optional(time),
  shrink: z.boolean(),
  evidence: z.enum(["wanted", "done"]),
  abandoned: z.array(z.string()),
});

const complaint = z.object({ parts: z.array(z.enum(sharedThings)), message: z.string(), at: z.number() });

const phase = z.discriminatedUnion("name", [
  z.object({ name: z.literal("arriving") }),
  z.object({ name: z.literal("waiting-for-agent"), launch }),
  z.object({ name: z.literal("bootstrapping"), launch, command }),
  z.object({ name: z.literal("verifying"), launch, command }),
  z.object({ name: z.literal("installing"), launch, command }),
  z.object({
    name: z.literal("on-hold"),
    launch,
    reason: z.string(),
    recheckAt: time,
    complaint: z.optional(complaint),
  }),
  z.object({ name: z.literal("refused"), reason: z.string(), command: z.optional(command) }),
  z.object({ name: z.literal("joining") }),
  z.object({
    name: z.literal("in-service"),
    nextVerifyAt: time,
    command: z.optional(command),
    failures: z.int(),
    complaint: z.optional(complaint),
    hang: z.optional(z.object({ at: time, aloneSince: z.optional(time) })),
    drifted: z.optional(z.boolean()),
  }),
  z.object({ name: z.literal("leaving"), leave, command: z.optional(command) }),
  z.object({ name: z.literal("released") }),
  z.object({
    name: z.literal("found"),
    nextVerifyAt: time,
    command: z.optional(command),
    lacks: z.optional(z.string()),
  }),
  z.object({ name: z.literal("aside") }),
  z.object({ name: z.literal("gone") }),
]);

const episode = z.object({
  transition: z.enum(["launching", "terminating"]),
  hook: z.string(),
  token: z.optional(z.string()),
  ordinal: z.int(),
  warmPool: z.boolean(),
  startedAt: time,
  after: z.optional(time),
  hookTimeout: z.number(),
  result: z.optional(z.object({ value: z.enum(["CONTINUE", "ABANDON"]), closed: z.boolean() })),
});

const nodeSchema = z.object({
  v: z.literal(1),
  site: z.pipe(z.string(), z.transform(siteName)),
  group: z.pipe(z.string(), z.transform(groupName)),
  instance: z.pipe(z.string(), z.transform(instanceId)),
  phase,
  since: time,
  lifecycleState: z.string(),
  episode: z.optional(episode),
  verified: z.optional(z.object({ release: z.string(), digest: z.string(), at: time })),
  push: z.optional(
    z.object({
      release: z.optional(z.string()),
      digest: z.string(),
      at: time,
      is: z.enum(["under-way", "proving", "waiting", "refused", "left-out"]),
      message: z.string(),
    }),
  ),
  errand: z.optional(
    z.object({
      id: z.string(),
      at: time,
      is: z.enum(["under-way", "done", "put-off", "failed"]),
      message: z.string(),
      wants: z.optional(z.enum(["none", "open", "closed"])),
      moved: z.optional(z.boolean()),
      took: z.optional(z.number()),
    }),
  ),
  changeSeen: z.optional(z.string()),
  purge: z.optional(z.object({ cause: z.string(), done: z.boolean(), at: time })),
  missingSince: z.optional(time),
  served: z.boolean(),
  notice: z.optional(z.object({ kind: z.enum(["spot", "rebalance", "maintenance"]), goneAt: z.optional(time) })),
  slot: z.boolean(),
  raisedTo: z.optional(z.number()),
  orderDone: z.optional(z.string()),
});

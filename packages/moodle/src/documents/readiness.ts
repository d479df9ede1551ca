/**
 * What a node answers at `/warden/ready`. The status is for the load balancer and speaks of this node alone (200 or
 * 503); the body is for people and tools.
 */
import * as z from "zod/mini";

/** Nothing, or what is wrong. */
const trouble = z.nullable(z.string());

export const readinessBody = z.object({
  v: z.literal(1),
  ready: z.boolean(),
  release: trouble,
  digest: trouble,
  node: z.object({ draining: trouble, verified: trouble, files: trouble, disk: trouble, workers: trouble }),
  /** `ok`, `none` where the site has no such part, or what is wrong with it. */
  shared: z.object({ database: z.string(), sessions: z.string(), cache: z.string() }),
  maintenance: z.boolean(),
});
export type ReadinessBody = z.infer<typeof readinessBody>;

/** Facts of every deployment, wherever it is: the stack and the deployment into the embedded AWS both read them here. */

/** Every named thing carries the stage. */
export const named = (stage: string, name: string): string => `warden-${stage}-${name}`;

/** Of the one table; what has `expires` in the past, DynamoDB deletes. */
export const tableKeys = { partition: "pk", sort: "sk", expires: "expires" } as const;

/** Seconds that a message waits in a dead-letter queue for somebody to look: SQS's longest. */
export const deadLetterRetention = 14 * 86_400;

/**
 * Seconds that a function may stand at a breakpoint, Lambda's own limit; a message that it has is given to nobody else
 * meanwhile.
 */
export const breakpointTimeout = 900;

/**
 * The group's hooks. A launch that nobody answers is given up, as it was never verified; a termination goes on, as
 * nothing can hold it up for ever.
 */
export const hooks = [
  { name: "warden-launch", transition: "autoscaling:EC2_INSTANCE_LAUNCHING", otherwise: "ABANDON" },
  { name: "warden-terminate", transition: "autoscaling:EC2_INSTANCE_TERMINATING", otherwise: "CONTINUE" },
] as const;

/** How the load balancer asks a node. Seconds; counts of checks. */
export const readiness = { port: 80, path: "/warden/ready", timeout: 2, healthy: 2, unhealthy: 2 } as const;

/**
 * Of the group itself. Only Warden turns ill health into a replacement: with `ELB` one failover of the database would
 * end the whole fleet.
 */
export const groupHealth = { type: "EC2", gracePeriod: 300 } as const;

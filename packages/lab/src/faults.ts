/** What a person may break in a running lab, and how each thing is called. */
import * as z from "zod";

/** A server of the data tier, which is ended as if its process had been killed. */
const servers = ["sessions", "cache", "database"] as const;

/** What befalls one machine in itself. */
const misfortunes = ["power", "network", "freeze", "disk", "workers"] as const;
export type Misfortune = (typeof misfortunes)[number];

/** What AWS does to one instance: `spot` is the notice that it is taken back in two minutes. */
const ofOneNode = [...misfortunes, "spot"] as const;

/** The shared file system hangs, or each of its requests takes so many milliseconds longer; for one node or for all. */
const filesFault = z.object({
  what: z.literal("files"),
  node: z.string().optional(),
  delay: z.number().positive().max(60_000).optional(),
});

export const faultSchema = z.discriminatedUnion("what", [
  z.object({ what: z.enum(servers) }),
  z.object({ what: z.literal("warden") }),
  filesFault,
  z.object({ what: z.enum(ofOneNode), node: z.string() }),
]);

export type Fault = z.infer<typeof faultSchema>;

export const whatBreaks = [...servers, "files", "warden", ...ofOneNode] as const;

/** Which of the faults: all that are of this kind, or of this node. */
export const whichSchema = z.object({ what: z.enum(whatBreaks).optional(), node: z.string().optional() });

export type Which = z.infer<typeof whichSchema>;

/** The one node that has it. */
export const nodeOf = (fault: Fault): string | undefined => ("node" in fault ? fault.node : undefined);

export const isOf = (fault: Fault, { what, node }: Which): boolean =>
  (what === undefined || fault.what === what) && (node === undefined || nodeOf(fault) === node);

/** One sentence for people. */
export function describeFault(fault: Fault): string {
  switch (fault.what) {
    case "sessions":
    case "cache":
      return `the Redis of ${fault.what === "cache" ? "the application cache" : "the sessions"} is killed, with all that it holds`;
    case "database":
      return "MariaDB is killed";
    case "files": {
      const whose = fault.node === undefined ? "every machine" : fault.node;
      return fault.delay === undefined
        ? `the shared file system hangs on ${whose}`
        : `each request to the shared file system takes ${fault.delay} ms longer on ${whose}`;
    }
    case "warden":
      return "none of Warden's functions is run";
    case "spot":
      return `EC2 takes ${fault.node} back in two minutes`;
    case "power":
      return `the power of ${fault.node} is cut`;
    case "network":
      return `the network of ${fault.node} is cut`;
    case "freeze":
      return `${fault.node} stands still`;
    case "disk":
      return `the disk of ${fault.node} is full`;
    case "workers":
      return `PHP's workers on ${fault.node} stand still`;
  }
}

/** The watcher of a node found a notice in the instance metadata. The node already drains by itself. */
import * as z from "zod/mini";
import { defineMessage } from "./event.ts";
import { groupName, instanceId } from "./shapes/names.ts";
import { nodeSource, version } from "./shapes/own.ts";
import { hintedTime } from "./shapes/time.ts";

export const nodeNotice = defineMessage({
  name: "node-notice",
  lane: "urgent",
  source: nodeSource,
  detailTypes: ["Node Notice"],
  schema: () =>
    z.object({
      v: version,
      time: z.optional(hintedTime),
      detail: z.object({
        "instance-id": instanceId,
        group: z.optional(groupName),
        notice: z.enum(["spot", "rebalance", "maintenance"]),
        "not-before": z.optional(hintedTime),
      }),
    }),
  points({ detail, time: at }) {
    const { "instance-id": instanceId, group, notice, "not-before": notBefore } = detail;
    return [
      {
        kind: "instance",
        instanceId,
        ...(group !== undefined && { group }),
        notice: {
          kind: "node-notice",
          notice,
          ...(notBefore !== undefined && { notBefore }),
          ...(at !== undefined && { at }),
        },
      },
    ];
  },
});

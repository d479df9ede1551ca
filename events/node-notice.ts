/** The watcher of a node found a notice in the instance metadata. The node already drains by itself. */
import * as z from "zod";
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
      time: hintedTime.optional(),
      detail: z.object({
        "instance-id": instanceId,
        group: groupName.optional(),
        notice: z.enum(["spot", "rebalance", "maintenance"]),
        "not-before": hintedTime.optional(),
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

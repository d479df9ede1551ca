/** The watcher of a node says that its machine is up: a hint that the agent will soon answer. */
import * as z from "zod/mini";
import { defineMessage } from "./event.ts";
import { groupName, instanceId } from "./shapes/names.ts";
import { nodeSource, version } from "./shapes/own.ts";
import { hintedTime } from "./shapes/time.ts";

export const nodeStarted = defineMessage({
  name: "node-started",
  lane: "urgent",
  source: nodeSource,
  detailTypes: ["Node Started"],
  schema: () =>
    z.object({
      v: version,
      time: z.optional(hintedTime),
      detail: z.object({ "instance-id": instanceId, group: z.optional(groupName) }),
    }),
  points: ({ detail: { "instance-id": instanceId, group }, time: at }) => [
    {
      kind: "instance",
      instanceId,
      ...(group !== undefined && { group }),
      notice: { kind: "node-started", ...(at !== undefined && { at }) },
    },
  ],
});

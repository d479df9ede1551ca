/**
 * A cache of ElastiCache has failed over, or was otherwise worked on. Node-based caches tell it to an SNS topic, not to
 * EventBridge, and their messages have the event's name as a key (ElastiCache guide, "Event notifications and Amazon SNS").
 */
import * as z from "zod/mini";
import { defineMessage } from "./event.ts";
import { cacheName } from "./shapes/names.ts";

/** After which connections, data or certificates are not what they were. */
const names = ["FailoverComplete", "CacheNodeReplaceComplete", "CacheNodesRebooted", "CertificateRenewalComplete"];
export const cacheSource = "ElastiCache";
const keys = names.map((name) => `${cacheSource}:${name}`);

export const cacheNotification = defineMessage({
  name: "cache-notification",
  lane: "normal",
  source: cacheSource,
  detailTypes: keys,
  schema: () => z.object(Object.fromEntries(keys.map((key) => [key, z.optional(cacheName)]))),
  points: (event) =>
    Object.entries(event).flatMap(([key, name]) => {
      const what = key.slice(cacheSource.length + 1);
      return name === undefined ? [] : [{ kind: "dependency" as const, service: "elasticache" as const, name, what }];
    }),
});

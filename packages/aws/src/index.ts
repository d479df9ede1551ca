export { autoScalingPort } from "./auto-scaling.ts";
export { busPort } from "./bus.ts";
export { asFault } from "./classify.ts";
export { commandsPort, type DocumentVersions } from "./commands.ts";
export { lanesPort } from "./lanes.ts";
export { loadBalancingPort } from "./load-balancing.ts";
export { type Pace, paced, unpaced } from "./pacing.ts";
export { outboxPartition } from "./store/keys.ts";
export { dynamoStore } from "./store/store.ts";

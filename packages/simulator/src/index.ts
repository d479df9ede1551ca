export { type MoodleNode, type MoodleNodeOptions, moodleNode } from "./node/moodle-node.ts";
export type { Desired, NodeDisk, NodeFault, NodeMemory, NodeState } from "./node/node-state.ts";
export { awsNode, type NodeTimings, quickNode } from "./node/node-timings.ts";
export { healthySharedParts, type SharedParts } from "./node/shared-parts.ts";
export type { NodeCalls } from "./node/watcher.ts";

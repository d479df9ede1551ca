export { type Clock, realClock, type VirtualClock, virtualClock } from "./clock.ts";
export { createEmbeddedAws, type EmbeddedAws, type EmbeddedAwsOptions } from "./embedded-aws.ts";
export { createMachine } from "./hosts/machine.ts";
export { type Random, seededRandom } from "./random.ts";
export { createChildProcessLauncher } from "./services/lambda/child-process.ts";
export { createInProcessLauncher } from "./services/lambda/in-process.ts";
export { awsTimings, quickTimings } from "./timings.ts";
export { clientConfig, listen, userCredentials } from "./wire/index.ts";

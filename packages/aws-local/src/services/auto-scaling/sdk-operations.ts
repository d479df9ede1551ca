/** The operations of the Auto Scaling client package, as the files of this folder implement them in parts. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import type { Operations } from "../../service.ts";

export type AutoScalingOperations = Operations<typeof sdk>;

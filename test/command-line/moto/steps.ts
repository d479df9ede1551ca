/**
 * Calls that make sense against any AWS, in their order: each makes what later ones describe. What they answer, and what
 * they are refused with, is compared between two stand-ins of different authors.
 */
import { autoScalingSteps } from "./auto-scaling.ts";
import { ec2Steps } from "./ec2.ts";
import { eventsSteps } from "./events.ts";
import { iamSteps } from "./iam.ts";
import { loadBalancingSteps } from "./load-balancing.ts";
import { parameterSteps } from "./parameters.ts";
import { sqsSteps } from "./sqs.ts";
import type { Step } from "./step.ts";

export const steps: readonly Step[] = [
  ...ec2Steps,
  ...loadBalancingSteps,
  ...autoScalingSteps,
  ...sqsSteps,
  ...eventsSteps,
  ...iamSteps,
  ...parameterSteps,
];

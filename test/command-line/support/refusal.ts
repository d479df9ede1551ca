/** What the AWS CLI says of a call that the embedded AWS refuses. */
import { expect } from "vitest";
import type { World } from "./world.ts";

/** Expects the CLI's status for a refusal and nothing but it. @returns the code and the message, as AWS words them */
export async function refusalOf(world: World, ...command: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await world.awsEnded(...command);
  expect([status, stdout]).toEqual([254, ""]);
  return stderr.trim().replace(/^An error occurred /, "");
}

/** Messages as the lanes deliver them, and a world with nodes that they are about. */
import { wakeBody } from "@warden/events";
import type { Message } from "../src/index.ts";
import { type Fake, fake, i, keyOf } from "./fakes.ts";

let receipts = 0;
export const message = (body: string, received = 1): Message => {
  const messageId = `m${receipts++}`;
  return { messageId, receiptHandle: `r-${messageId}`, body, received };
};
export const wake = (
  end: number,
  more: { received?: number; hops?: number; version?: number; alone?: boolean } = {},
): Message => {
  const { received = 1, hops = 0, version = 0, alone = false } = more;
  return message(wakeBody({ key: keyOf(i(end)), hops, version, alone }), received);
};

/** Nodes that wait at the launch hook, their agents online. */
export function waiting(...ends: number[]): Fake {
  const world = fake();
  for (const end of ends) {
    world.states.set(i(end), "Pending:Wait");
    world.online.add(i(end));
  }
  return world;
}
export const only = (world: Fake, what: string) => world.calls.filter((call) => call.startsWith(what));

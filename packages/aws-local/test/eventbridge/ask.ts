/** Calls the operations of an embedded service as its client would, without a wire in between. */
import { virtualClock } from "../../src/clock.ts";
import { seededRandom } from "../../src/random.ts";
import type { Surroundings } from "../../src/region.ts";
import type { Call, EmbeddedService, Operations } from "../../src/service.ts";
import { noDelays } from "../../src/timings.ts";

type Asked<M> = {
  [K in keyof Operations<M>]-?: Operations<M>[K] extends ((input: infer Input, call: Call) => infer Output) | undefined
    ? (input: Input) => Promise<Awaited<Output>>
    : never;
};

const call: Call = { principal: { kind: "user" }, requestId: "1b2c3d4e-0000-4000-8000-000000000000" };

/** `sdk` only lends its types. */
export function ask<M extends object>(_sdk: M, service: EmbeddedService): Asked<M> {
  return new Proxy({} as Asked<M>, {
    get: (_, name) => async (input: never) => {
      const operation = service.operations[String(name)];
      if (operation === undefined) throw new Error(`${String(name)} has no behaviour`);
      return operation(input, call);
    },
  });
}

/** A region on a virtual clock; events take exactly 100 ms. */
export function surroundings(seed = 1): Surroundings & { clock: ReturnType<typeof virtualClock> } {
  return {
    clock: virtualClock({ startAt: Date.UTC(2026, 0, 5, 12) }),
    random: seededRandom(seed),
    region: "eu-west-1",
    account: "123456789012",
    timings: { ...noDelays, eventDelivery: { low: 100, high: 100 } },
  };
}

/** One embedded service with nothing beside it, under virtual time, reached by its real client over the in-process wire. */
import { virtualClock } from "../src/clock.ts";
import { seededRandom } from "../src/random.ts";
import type { Surroundings } from "../src/region.ts";
import { noDelays } from "../src/timings.ts";
import { clientConfig, createRouter } from "../src/wire/index.ts";

type Router = Parameters<typeof createRouter>[0];

export function surroundingsAt(startAt: number) {
  const clock = virtualClock({ startAt });
  return {
    ...{ clock, random: seededRandom(1), timings: noDelays },
    ...{ region: "eu-west-1", account: "123456789012" },
  } satisfies Surroundings;
}

/** A router to that service alone; a defect in it fails the test. */
export function routerTo(
  service: Router["services"][number],
  { region, clock, random }: Surroundings,
  identify?: Router["identify"],
) {
  const onDefect = (error: unknown): void => {
    throw error;
  };
  return createRouter({ services: [service], region, clock, random, onDefect, ...(identify && { identify }) });
}

export const clientConfigTo = (service: Router["services"][number], surroundings: Surroundings) =>
  clientConfig(routerTo(service, surroundings));

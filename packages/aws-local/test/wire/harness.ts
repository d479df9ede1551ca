/** A router with everything it reports kept for the test to look at. */
import { virtualClock } from "../../src/clock.ts";
import { seededRandom } from "../../src/random.ts";
import type { EmbeddedService } from "../../src/service.ts";
import { type CallRecord, createRouter, createSessions, type RouterOptions } from "../../src/wire/index.ts";

const start = Date.UTC(2026, 0, 2, 3, 4, 5);

export function harness(services: readonly EmbeddedService[], overrides: Partial<RouterOptions> = {}) {
  const clock = virtualClock({ startAt: start });
  const random = seededRandom(1);
  const sessions = createSessions(clock, random);
  const records: CallRecord[] = [];
  const defects: unknown[] = [];
  const router = createRouter({
    services,
    region: "eu-west-1",
    clock,
    random,
    identify: sessions.identify,
    onDefect: (error) => defects.push(error),
    observe: (record) => records.push(record),
    ...overrides,
  });
  return { router, clock, sessions, records, defects };
}

/** What a call was refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<Error & { $metadata?: { httpStatusCode?: number } }> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Error)) throw new Error("the call was not refused");
  return outcome;
}

export const signedFor = (service: string, accessKeyId = "AKIAIOSFODNN7EXAMPLE"): string =>
  `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260102/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

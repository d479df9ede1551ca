/** Measures the functions of a run: invocations, time and memory, crashes; and keeps what their lanes brought them. */
import { type FunctionName, functions } from "@warden/functions/catalogue";
import type { FunctionUse, Recording } from "@warden/simulator";

export interface FunctionMeter {
  readonly around: (name: FunctionName, event: unknown, invocation: () => Promise<unknown>) => Promise<unknown>;
  /** The bodies of the newest messages, for replays. */
  readonly seenMessages: readonly string[];
  total(): Readonly<Record<string, FunctionUse>>;
  reset(): void;
}

/** How many bodies are kept. */
const remembered = 200;

/** Lambda bills whole milliseconds, at least one. */
const shortest = 1;

export function createFunctionMeter(recording: Recording, now: () => number): FunctionMeter {
  const uses = new Map<FunctionName, { invocations: number; gbSeconds: number; ended: number }>();
  const seenMessages: string[] = [];

  function useOf(name: FunctionName) {
    const use = uses.get(name) ?? { invocations: 0, gbSeconds: 0, ended: 0 };
    uses.set(name, use);
    return use;
  }

  async function around(name: FunctionName, event: unknown, invocation: () => Promise<unknown>): Promise<unknown> {
    const startedAt = now();
    const use = useOf(name);
    use.invocations += 1;
    keep(event);
    recording.add({ kind: "function", name, event: "began", milliseconds: 0 });
    try {
      return await invocation();
    } finally {
      // A function that was killed never gets here: what did not end has crashed.
      const milliseconds = Math.max(shortest, now() - startedAt);
      use.ended += 1;
      use.gbSeconds += (milliseconds / 1000) * (memoryOf(name) / 1024);
      recording.add({ kind: "function", name, event: "ended", milliseconds });
    }
  }

  function keep(event: unknown): void {
    if (typeof event !== "object" || event === null || !("Records" in event) || !Array.isArray(event.Records)) return;
    for (const record of event.Records) seenMessages.push(String(record?.body ?? ""));
    seenMessages.splice(0, seenMessages.length - remembered);
  }

  return {
    around,
    seenMessages,
    total: () =>
      Object.fromEntries(
        [...uses].map(([name, { invocations, gbSeconds, ended }]) => [
          name,
          { invocations, gbSeconds, crashes: invocations - ended },
        ]),
      ),
    reset: () => uses.clear(),
  };
}

const memoryOf = (name: FunctionName): number => functions.find((each) => each.name === name)?.memory ?? 0;

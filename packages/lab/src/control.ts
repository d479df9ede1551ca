/**
 * How another terminal asks the running lab to break and to heal something, and to prepare its Moodle for visitors: by a
 * socket that only root reaches.
 */
import { rmSync } from "node:fs";
import { createServer, type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import * as z from "zod";
import { type Content, preparedContent } from "./bench/content.ts";
import type { Breaker } from "./breaker.ts";
import { type Fault, faultSchema, type Which, whichSchema } from "./faults.ts";
import { inLab } from "./places.ts";
import { LabRefusal } from "./refusal.ts";
import { runningLab } from "./running.ts";

const socketPath = inLab("control.sock");

const refusal = z.object({ message: z.string(), mend: z.string() });
const faults = z.array(faultSchema);

/**
 * @param prepare makes what visitors find on a real Moodle; null where nodes run what stands for it
 * @returns a function that ends it
 */
export function openControl(breaker: Breaker, prepare: () => Promise<Content | null>): () => void {
  const answers: Readonly<Record<string, (asked: unknown) => Promise<unknown>>> = {
    "/break": (asked) => breaker.break(faultSchema.parse(asked)),
    "/heal": (asked) => breaker.heal(whichSchema.parse(asked)),
    "/broken": async () => breaker.broken,
    "/prepare": prepare,
  };

  async function answer(call: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const asked: unknown = await json(call);
    const body = await answers[call.url ?? ""]?.(asked);
    return { status: 200, body: body === undefined ? {} : body };
  }

  const server = createServer((call, response) => {
    void answer(call)
      .catch((error: unknown) => {
        if (error instanceof LabRefusal) return { status: 409, body: { message: error.message, mend: error.mend } };
        return { status: 500, body: { message: error instanceof Error ? error.message : String(error), mend: "" } };
      })
      .then(({ status, body }) => response.writeHead(status).end(JSON.stringify(body)));
  });
  rmSync(socketPath, { force: true });
  server.listen(socketPath);
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

/** @throws LabRefusal also where no lab runs */
export async function breakInLab(fault: Fault): Promise<void> {
  await ask("/break", fault);
}

/** @returns what was healed */
export const healInLab = async (which: Which): Promise<readonly Fault[]> => faults.parse(await ask("/heal", which));

export const brokenInLab = async (): Promise<readonly Fault[]> => faults.parse(await ask("/broken", {}));

/** Null where nodes run what stands for Moodle. */
export const prepareInLab = async (): Promise<Content | null> =>
  z.nullable(preparedContent).parse(await ask("/prepare", {}));

async function ask(path: string, what: unknown): Promise<unknown> {
  if (runningLab() === undefined) throw new LabRefusal("no lab is running", "`sudo npx warden lab up` starts one");
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request({ socketPath, path, method: "POST" }, resolve).on("error", reject).end(JSON.stringify(what));
  const answer = await promise;
  const body: unknown = await json(answer);
  if (answer.statusCode === 200) return body;
  const { message, mend } = refusal.parse(body);
  if (answer.statusCode === 409) throw new LabRefusal(message, mend);
  throw new Error(`the lab failed: ${message}`);
}

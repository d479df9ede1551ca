/** Real SDK clients whose calls reach the operation as objects: fast, for simulations. */
import { userCredentials } from "./identity.ts";
import type { Caller } from "./in-process.ts";
import type { Router } from "./router.ts";

/** The part of the SDK's middleware stack that is needed here. */
export interface TypedTransport {
  applyToStack(stack: { add(middleware: TypedMiddleware, options: object): void }): void;
}

type TypedMiddleware = (
  next: unknown,
  context: { readonly clientName?: string; readonly commandName?: string },
) => (call: { readonly input: object }) => Promise<{ response: unknown; output: never }>;

/**
 * `client.middlewareStack.use(typedTransport(router))`. Skips the SDK's own work: no bytes, no signature, no retries, no
 * idempotency token. Input and output are handed over, not copied.
 */
export function typedTransport(
  router: Router,
  { credentials = userCredentials, traceHeader }: Caller = {},
): TypedTransport {
  const middleware: TypedMiddleware =
    (_next, { clientName = "", commandName = "" }) =>
    async ({ input }) => {
      const operation = commandName.replace(/Command$/, "");
      const call = { clientName, operation, input, credentials, traceHeader: traceHeader?.() };
      const { output, requestId } = await router.call(call);
      const $metadata = { httpStatusCode: 200, requestId, attempts: 1, totalRetryDelay: 0 };
      // The operation's own type says that this is its output.
      return { response: {}, output: { ...output, $metadata } as never };
    };
  return {
    applyToStack: (stack) => stack.add(middleware, { step: "initialize", name: "typedTransport", priority: "high" }),
  };
}

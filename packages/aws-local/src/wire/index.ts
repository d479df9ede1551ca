/** The wire of the embedded AWS. */

export { createLimits, type Limits, type LimitsProfile } from "../limits/limits.ts";
export type { Attempt, CallRecord } from "./gate.ts";
export { type ListeningRouter, listen } from "./http.ts";
export { type Credentials, createSessions, type Identify, type Sessions, userCredentials } from "./identity.ts";
export { type Caller, clientConfig } from "./in-process.ts";
export type { WireRequest, WireResponse } from "./message.ts";
export { createRouter, type Router, type RouterOptions } from "./router.ts";
export { type TypedTransport, typedTransport } from "./typed-transport.ts";

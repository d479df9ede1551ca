/** What Warden's own messages have in common: they are sent straight to a queue and say which version they are. */
import * as z from "zod/mini";

/** The newest version that this code reads. A newer message is left for the newer code that sent it. */
export const knownVersion = 1;

export const version = z.literal(knownVersion);

export const wardenSource = "warden";
export const nodeSource = "warden.node";

export const isOwnSource = (source: string): boolean => source === wardenSource || source === nodeSource;

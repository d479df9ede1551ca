/** One's trouble is not the others': all the rest is done first, then the first of them is told. */
import type { Deps } from "./deps.ts";

export interface Troubles {
  /** @returns undefined when it failed */
  of<Found>(what: string, where: object, work: () => Promise<Found>): Promise<Found | undefined>;
  tell(): void;
}

export function notedTroubles({ log }: Deps): Troubles {
  const errors: unknown[] = [];
  return {
    async of(what, where, work) {
      try {
        return await work();
      } catch (error) {
        log.error(what, { ...where, error });
        errors.push(error);
        return undefined;
      }
    },
    tell() {
      if (errors.length > 0) throw errors[0];
    },
  };
}

/** Seeded randomness: the same seed gives the same ids, the same delays and the same order. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** `length` lower-case hexadecimal digits, as in `i-0123456789abcdef0`. */
  hex(length: number): string;
  uuid(): string;
}

/** The mulberry32 generator: 32 bits of state, fast, and good enough to shuffle and to name things. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));

  function hex(length: number): string {
    let digits = "";
    while (digits.length < length) digits += hexDigits[integer(0, 15)];
    return digits;
  }

  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[integer(0, items.length - 1)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${pickVariant(integer)}${hex(3)}-${hex(12)}`,
  };
}

const hexDigits = "0123456789abcdef";

const pickVariant = (integer: (low: number, high: number) => number): string => integer(8, 11).toString(16);

/** How the command fails: with a status that a script can tell apart, and one sentence that names cause and mend. */

export const status = {
  done: 0,
  /** The thing asked about is not well. */
  unwell: 1,
  /** Wrong usage. */
  usage: 2,
  /** Could not reach what it needs. */
  unreachable: 3,
  /** Refused by a guard, a freeze or a missing approval. */
  refused: 4,
  /** Started, but not finished in time. */
  unfinished: 5,
} as const;

export type Status = (typeof status)[keyof typeof status];

export class Problem extends Error {
  readonly status: Status;
  /** What to do about it: goes on after the colon of the message, so no capital letter and no full stop. */
  readonly mend: string;

  constructor(of: Status, message: string, mend: string) {
    super(message);
    this.name = "Problem";
    this.status = of;
    this.mend = mend;
  }
}

export function problemText({ message, mend, status: of }: Problem, json: boolean): string {
  return json ? JSON.stringify({ error: { message, mend, status: of } }) : printable(`${message}: ${mend}.`);
}

/** Text from hosts and operators must not steer the terminal; a line break would also break the line it stands in. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, " ");

/** Why a release cannot be built of what the lock names. */
export class Refusal extends Error {
  /** What somebody can do about it. */
  readonly mend: string;

  constructor(message: string, mend: string) {
    super(message);
    this.name = "Refusal";
    this.mend = mend;
  }
}

/** Where there can be no lab: why, and what to do about it. */
export class LabRefusal extends Error {
  readonly mend: string;

  constructor(message: string, mend: string) {
    super(message);
    this.mend = mend;
  }
}

export function refuseUnlessPossible(): void {
  if (process.platform !== "linux")
    throw new LabRefusal("the lab's machines need Linux", "`warden up` shows the same with modelled nodes, anywhere");
  if (process.geteuid?.() !== 0)
    throw new LabRefusal(
      "the lab boots machines, which only root may do",
      "run it with sudo, on a computer that is yours; `warden up` needs no root",
    );
}

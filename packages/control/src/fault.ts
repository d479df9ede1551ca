/**
 * Every error of a port, classified once, where it happens. `retry`: the same call may work later. `gone`: what it
 * named is no longer there. `denied`: a permission is missing. `wrong`: AWS will never accept this call. `ours`: a
 * defect of Warden.
 */
export type FaultKind = "retry" | "gone" | "denied" | "wrong" | "ours";

export class Fault extends Error {
  readonly kind: FaultKind;
  /** The AWS action, as `ssm:SendCommand`. */
  readonly action: string;
  /** AWS's own error code. */
  readonly code: string;

  constructor(kind: FaultKind, action: string, code: string, message: string, cause: unknown) {
    super(`${action}: ${code}: ${message}`, { cause });
    this.name = "Fault";
    this.kind = kind;
    this.action = action;
    this.code = code;
  }
}

export const isFault = (error: unknown, kind?: FaultKind): error is Fault =>
  error instanceof Fault && (kind === undefined || error.kind === kind);

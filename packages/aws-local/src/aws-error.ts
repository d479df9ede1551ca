/**
 * An error as AWS answers it. Needed for the codes that the service models do not declare: `ValidationError`, all of
 * EC2's codes, `Throttling`, `AccessDenied`. Where the SDK exports an exception class, throw that class instead, so
 * that its members travel too.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

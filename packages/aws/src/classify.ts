/** The one place where an AWS error gets its meaning. */
import { Fault, type FaultKind } from "@warden/control";

/** Runs one call. @throws Fault in place of whatever the SDK throws */
export async function calling<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asFault(action, error);
  }
}

export function asFault(action: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = error instanceof Error ? error.name : "Unknown";
  const message = error instanceof Error ? error.message : String(error);
  return new Fault(kindOf(code, message, statusOf(error)), action, code, message, error);
}

function kindOf(code: string, message: string, status: number | undefined): FaultKind {
  if (throttled.has(code) || passing.has(code) || isPassingCancellation(code, message)) return "retry";
  if (denied.has(code) || status === 403) return "denied";
  if (gone.has(code) || /not found|does not exist|No managed instance/i.test(message)) return "gone";
  if (status === undefined) return isNetwork(code, message) ? "retry" : "ours";
  return status >= 500 ? "retry" : "wrong";
}

/** A cancelled transaction names the reason of each of its items in brackets (DynamoDB API, TransactionCanceledException). */
const isPassingCancellation = (code: string, message: string): boolean =>
  code === "TransactionCanceledException" && /ThrottlingError|ProvisionedThroughputExceeded/.test(message);

/** Each service spells it its own way (the SDK's own list of throttling codes, and EC2's). */
const throttled: ReadonlySet<string> = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "ThrottlingError",
  "TooManyRequestsException",
]);

/** Another change is under way; the same call works once it is over. */
const passing: ReadonlySet<string> = new Set([
  "ResourceContention",
  "ResourceContentionFault",
  "ResourceInUseException",
  "ScalingActivityInProgress",
  "ScalingActivityInProgressFault",
  "TransactionConflictException",
  "TransactionInProgressException",
  "TimeoutError",
]);

const denied: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "UnauthorizedOperation",
  "UnrecognizedClientException",
]);

/** `InvalidInstanceId` of SSM has five causes, all of which come to: this instance cannot be reached now. */
const gone: ReadonlySet<string> = new Set([
  "InvalidCommandId",
  "InvalidInstanceId",
  "InvalidInstanceID.NotFound",
  "InvocationDoesNotExist",
  "NoSuchEntityException",
  "ParameterNotFound",
  "QueueDoesNotExist",
  "ResourceNotFoundException",
  "TargetGroupNotFoundException",
]);

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const { $metadata } = error;
  if (typeof $metadata !== "object" || $metadata === null || !("httpStatusCode" in $metadata)) return undefined;
  return typeof $metadata.httpStatusCode === "number" ? $metadata.httpStatusCode : undefined;
}

const isNetwork = (code: string, message: string): boolean =>
  /^(E[A-Z]{3,}|AbortError|TimeoutError)$/.test(code) ||
  /ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|socket hang up/.test(message);

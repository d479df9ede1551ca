/**
 * The same refusal has another name in each service: too many requests are `Throttling` to Auto Scaling,
 * `RequestLimitExceeded` to EC2. Sources: the "Common errors" page of each service's API reference.
 */
import { AwsError } from "../aws-error.ts";
import type { ProtocolName } from "./schema.ts";

export interface Vocabulary {
  readonly throttled: Spelling;
  /** The authoriser's sentence follows. */
  readonly denied: Spelling;
  readonly unknownKey: Spelling;
  readonly expiredToken: Spelling;
  readonly validation: ValidationStyle;
}

export interface Spelling {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

export interface ValidationStyle {
  readonly missing: string;
  readonly invalid: string;
  /** `summary`: "2 validation errors detected: Value '…' at '…' failed …"; `parameter`: one sentence about the first. */
  readonly sentence: "summary" | "parameter";
}

/** `service` is the IAM prefix. */
export function vocabularyOf(service: string, protocol: ProtocolName): Vocabulary {
  return { ...families[protocol], ...peculiarities[service] };
}

export const refusal = ({ code, message, status }: Spelling, text = message): AwsError =>
  new AwsError(code, text, status);

const invalidToken = "The security token included in the request is invalid.";
const expiredToken = "The security token included in the request is expired";

const query: Vocabulary = {
  throttled: { code: "Throttling", status: 400, message: "Rate exceeded" },
  denied: { code: "AccessDenied", status: 403, message: "" },
  unknownKey: { code: "InvalidClientTokenId", status: 403, message: invalidToken },
  expiredToken: { code: "ExpiredToken", status: 403, message: expiredToken },
  validation: { missing: "ValidationError", invalid: "ValidationError", sentence: "summary" },
};

const json: Vocabulary = {
  throttled: { code: "ThrottlingException", status: 400, message: "Rate exceeded" },
  denied: { code: "AccessDeniedException", status: 400, message: "" },
  unknownKey: { code: "UnrecognizedClientException", status: 400, message: invalidToken },
  expiredToken: { code: "ExpiredTokenException", status: 400, message: expiredToken },
  validation: { missing: "ValidationException", invalid: "ValidationException", sentence: "summary" },
};

const families: Readonly<Record<ProtocolName, Vocabulary>> = {
  awsQuery: query,
  awsJson1_0: json,
  awsJson1_1: json,
  ec2Query: {
    throttled: { code: "RequestLimitExceeded", status: 503, message: "Request limit exceeded." },
    denied: {
      code: "UnauthorizedOperation",
      status: 403,
      message: "You are not authorized to perform this operation. ",
    },
    unknownKey: {
      code: "AuthFailure",
      status: 401,
      message: "AWS was not able to validate the provided access credentials",
    },
    expiredToken: { code: "RequestExpired", status: 400, message: "Request has expired." },
    validation: { missing: "MissingParameter", invalid: "InvalidParameterValue", sentence: "parameter" },
  },
  restJson1: {
    throttled: { code: "TooManyRequestsException", status: 429, message: "Rate Exceeded." },
    denied: { code: "AccessDeniedException", status: 403, message: "" },
    unknownKey: { code: "UnrecognizedClientException", status: 403, message: invalidToken },
    expiredToken: { code: "ExpiredTokenException", status: 403, message: expiredToken },
    validation: { missing: "ValidationException", invalid: "ValidationException", sentence: "summary" },
  },
  restXml: {
    throttled: { code: "SlowDown", status: 503, message: "Please reduce your request rate." },
    denied: { code: "AccessDenied", status: 403, message: "" },
    unknownKey: {
      code: "InvalidAccessKeyId",
      status: 403,
      message: "The AWS Access Key Id you provided does not exist in our records.",
    },
    expiredToken: { code: "ExpiredToken", status: 400, message: "The provided token has expired." },
    validation: { missing: "InvalidRequest", invalid: "InvalidArgument", sentence: "parameter" },
  },
};

const peculiarities: Readonly<Record<string, Partial<Vocabulary>>> = {
  backup: {
    throttled: { code: "ThrottlingException", status: 400, message: "Rate exceeded" },
    validation: {
      missing: "MissingParameterValueException",
      invalid: "InvalidParameterValueException",
      sentence: "summary",
    },
  },
  // Query-compatible: the JSON answers carry the codes of query.
  cloudwatch: query,
  sqs: {
    ...query,
    throttled: { code: "RequestThrottled", status: 403, message: "Request is throttled." },
    validation: { missing: "MissingParameter", invalid: "InvalidParameterValue", sentence: "parameter" },
  },
  sns: {
    throttled: { code: "Throttled", status: 429, message: "Rate exceeded" },
    denied: { code: "AuthorizationError", status: 403, message: "" },
  },
  dynamodb: {
    throttled: {
      code: "ThrottlingException",
      status: 400,
      message: "The rate of control plane requests made by this account is too high",
    },
  },
};

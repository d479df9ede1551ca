/** A function as CreateFunction made it, and the environment variables its code finds. */
import type { Architecture, Runtime } from "@aws-sdk/client-lambda";

export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  configuration: FunctionSettings;
  code: CodePackage;
  /** Grows with each change of code or configuration: environments of an older one are not used again. */
  generation: number;
  revisionId: string;
  lastModified: number;
  tags: Record<string, string>;
  reservedConcurrency: number | undefined;
  recursiveLoop: "Allow" | "Terminate";
  eventInvoke: EventInvokeSettings | undefined;
  policy: Record<string, PolicyStatement>;
}

export interface FunctionSettings {
  readonly role: string;
  readonly handler: string;
  readonly runtime: Runtime;
  readonly description: string;
  /** Seconds. */
  readonly timeout: number;
  /** MB. */
  readonly memorySize: number;
  readonly ephemeralStorage: number;
  readonly architecture: Architecture;
  readonly variables: Readonly<Record<string, string>>;
  readonly deadLetterArn: string | undefined;
  readonly tracing: "Active" | "PassThrough";
  readonly logGroup: string;
}

/** A code package that is already unpacked on this machine. */
export interface CodePackage {
  /** The folder that holds `index.mjs` for the handler `index.handler`. */
  readonly taskRoot: string;
  readonly codeSha256: string;
  readonly codeSize: number;
}

export interface EventInvokeSettings {
  readonly maximumRetryAttempts: number | undefined;
  readonly maximumEventAgeInSeconds: number | undefined;
  readonly onSuccess: string | undefined;
  readonly onFailure: string | undefined;
  readonly lastModified: number;
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: { readonly Service: string } | { readonly AWS: string };
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** The document that callers and the policy engine see; undefined while it has no statement. */
export function policyDocument(target: LambdaFunction): string | undefined {
  const statements = Object.values(target.policy);
  if (statements.length === 0) return undefined;
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: statements });
}

/** As listed in the developer guide, "Defined runtime environment variables"; `_X_AMZN_TRACE_ID` comes with each event. */
export function environmentVariables(
  target: LambdaFunction,
  given: { region: string; logStream: string; credentials: Credentials | undefined },
): Record<string, string> {
  const { configuration, code } = target;
  return {
    ...configuration.variables,
    _HANDLER: configuration.handler,
    AWS_REGION: given.region,
    AWS_DEFAULT_REGION: given.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${configuration.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: target.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySize),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: configuration.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: given.logStream,
    LAMBDA_TASK_ROOT: code.taskRoot,
    TZ: ":UTC",
    LANG: "en_US.UTF-8",
    ...(given.credentials !== undefined && {
      AWS_ACCESS_KEY_ID: given.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: given.credentials.secretAccessKey,
    }),
    ...(given.credentials?.sessionToken !== undefined && { AWS_SESSION_TOKEN: given.credentials.sessionToken }),
  };
}

/** What CreateFunction and the two Update operations accept, and how a function is described. */
import type * as lambda from "@aws-sdk/client-lambda";
import { invalid, notModelled, refuseUnmodelled } from "./errors.ts";
import type { FunctionSettings, LambdaFunction } from "./function.ts";

export type SettingsInput = Partial<
  Pick<
    lambda.CreateFunctionRequest,
    | "Role"
    | "Handler"
    | "Runtime"
    | "Description"
    | "Timeout"
    | "MemorySize"
    | "EphemeralStorage"
    | "Architectures"
    | "DeadLetterConfig"
    | "TracingConfig"
    | "LoggingConfig"
    | "PackageType"
  >
> & { Environment?: { Variables?: Record<string, string> | undefined } | undefined };

const unmodelled = `VpcConfig KMSKeyArn Layers FileSystemConfigs CodeSigningConfigArn ImageConfig TenancyConfig
  CapacityProviderConfig DurableConfig Publish PublishTo`.split(/\s+/);

/** Developer guide, "Reserved environment variables". */
const reserved = new Set(
  `_HANDLER _X_AMZN_TRACE_ID AWS_DEFAULT_REGION AWS_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_GROUP_NAME
  AWS_LAMBDA_LOG_STREAM_NAME AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  AWS_LAMBDA_RUNTIME_API LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR`.split(/\s+/),
);

/** The settings after this input; what it leaves out stays as it was, or gets Lambda's default. */
export function settingsOf(name: string, input: SettingsInput, previous?: FunctionSettings): FunctionSettings {
  refuseUnmodelled(input, unmodelled);
  if (input.PackageType === "Image") throw notModelled("PackageType Image");
  if (input.LoggingConfig?.LogFormat === "JSON") throw notModelled("LoggingConfig LogFormat JSON");
  const variables = input.Environment?.Variables ?? previous?.variables ?? {};
  checkVariables(variables);
  const settings: FunctionSettings = {
    role: input.Role ?? previous?.role ?? "",
    handler: input.Handler ?? previous?.handler ?? "",
    runtime: input.Runtime ?? previous?.runtime ?? "nodejs24.x",
    description: input.Description ?? previous?.description ?? "",
    timeout: input.Timeout ?? previous?.timeout ?? 3,
    memorySize: input.MemorySize ?? previous?.memorySize ?? 128,
    ephemeralStorage: input.EphemeralStorage?.Size ?? previous?.ephemeralStorage ?? 512,
    architecture: input.Architectures?.[0] ?? previous?.architecture ?? "x86_64",
    variables: { ...variables },
    deadLetterArn: deadLetterOf(input, previous),
    tracing: input.TracingConfig?.Mode ?? previous?.tracing ?? "PassThrough",
    logGroup: input.LoggingConfig?.LogGroup ?? previous?.logGroup ?? `/aws/lambda/${name}`,
  };
  if (settings.handler === "")
    throw invalid("Handler and Runtime are mandatory parameters for functions created with deployment packages.");
  if (!settings.runtime.startsWith("nodejs")) throw notModelled(`Runtime ${settings.runtime}`);
  if (settings.timeout < 1 || settings.timeout > 900) throw invalid("Timeout must be between 1 and 900 seconds");
  if (settings.memorySize < 128 || settings.memorySize > 10_240)
    throw invalid("MemorySize must be between 128 and 10240 MB");
  return settings;
}

function checkVariables(variables: Readonly<Record<string, string>>): void {
  const taken = Object.keys(variables).filter((key) => reserved.has(key));
  if (taken.length > 0)
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${taken.join(", ")}`,
    );
  const text = JSON.stringify(variables);
  if (Buffer.byteLength(text) > 4096)
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${text}`,
    );
}

function deadLetterOf(input: SettingsInput, previous: FunctionSettings | undefined): string | undefined {
  if (input.DeadLetterConfig === undefined) return previous?.deadLetterArn;
  const arn = input.DeadLetterConfig.TargetArn;
  if (arn === undefined || arn === "") return undefined;
  if (!arn.startsWith("arn:aws:sqs:")) throw notModelled("a DeadLetterConfig other than an SQS queue");
  return arn;
}

export function described(target: LambdaFunction): lambda.FunctionConfiguration {
  const { configuration, code } = target;
  return {
    FunctionName: target.name,
    FunctionArn: target.arn,
    Runtime: configuration.runtime,
    Role: configuration.role,
    Handler: configuration.handler,
    CodeSize: code.codeSize,
    CodeSha256: code.codeSha256,
    Description: configuration.description,
    Timeout: configuration.timeout,
    MemorySize: configuration.memorySize,
    LastModified: new Date(target.lastModified).toISOString().replace("Z", "+0000"),
    Version: "$LATEST",
    ...(Object.keys(configuration.variables).length > 0 && {
      Environment: { Variables: { ...configuration.variables } },
    }),
    ...(configuration.deadLetterArn !== undefined && { DeadLetterConfig: { TargetArn: configuration.deadLetterArn } }),
    TracingConfig: { Mode: configuration.tracing },
    RevisionId: target.revisionId,
    // AWS shows Pending and InProgress for some seconds; here a change takes effect at once.
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: [configuration.architecture],
    EphemeralStorage: { Size: configuration.ephemeralStorage },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: configuration.logGroup },
  };
}

/** The operations on functions themselves. */
import type * as lambda from "@aws-sdk/client-lambda";
import { PreconditionFailedException, ResourceConflictException } from "@aws-sdk/client-lambda";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { invalid, notModelled } from "./errors.ts";
import type { CodePackage, FunctionSettings, LambdaFunction } from "./function.ts";
import { described, settingsOf } from "./function-settings.ts";
import type { FunctionRegistry } from "./registry.ts";
import { type RoleCheck, roleNameOf } from "./role.ts";

/**
 * Finds the folder that a code package unpacks to. Code comes by bucket and key rather than by ZipFile, because the
 * bundles lie on this machine's disk already: zipping them only to unzip them again would add a format and prove nothing.
 */
export type CodeStore = (bucket: string, key: string) => CodePackage | undefined;

/** Whether a role's trust policy lets a service assume it. */
export type Trusts = (roleName: string, principal: { type: "Service"; value: string }) => boolean;

export function functionOperations(
  surroundings: Surroundings,
  registry: FunctionRegistry,
  given: {
    codeStore: CodeStore;
    trusts?: Trusts | undefined;
    mayDo: RoleCheck;
    whenDeleted: (target: LambdaFunction) => void;
  },
) {
  const { clock, random } = surroundings;

  function changed(target: LambdaFunction): lambda.FunctionConfiguration {
    target.generation += 1;
    target.revisionId = random.uuid();
    target.lastModified = clock.now();
    return described(target);
  }

  function codeFrom(location: CodeLocation): CodePackage {
    if (location.ZipFile !== undefined) throw notModelled("Code.ZipFile (give S3Bucket and S3Key)");
    if (location.ImageUri !== undefined) throw notModelled("Code.ImageUri");
    const found = given.codeStore(location.S3Bucket ?? "", location.S3Key ?? "");
    if (found === undefined)
      throw invalid(
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
      );
    return found;
  }

  function checkRole(roleArn: string | undefined): void {
    if (roleArn === undefined || given.trusts === undefined) return;
    if (!given.trusts(roleNameOf(roleArn), { type: "Service", value: "lambda.amazonaws.com" }))
      throw invalid("The role defined for the function cannot be assumed by Lambda.");
  }

  function checkDeadLetters(name: string, { role, deadLetterArn }: FunctionSettings): void {
    if (deadLetterArn === undefined) return;
    try {
      given.mayDo(role, name, "sqs:SendMessage", deadLetterArn);
    } catch {
      throw invalid("The provided execution role does not have permissions to call SendMessage on SQS");
    }
  }

  return {
    CreateFunction(input) {
      const name = input.FunctionName.split(":").at(-1) ?? input.FunctionName;
      if (registry.find(name) !== undefined)
        throw new ResourceConflictException({
          Type: "User",
          message: `Function already exist: ${name}`,
          $metadata: {},
        });
      checkRole(input.Role);
      const configuration = settingsOf(name, input);
      checkDeadLetters(name, configuration);
      const created: LambdaFunction = {
        ...{ name, configuration },
        arn: registry.arnOf(name),
        code: codeFrom(input.Code),
        generation: 0,
        revisionId: random.uuid(),
        lastModified: clock.now(),
        tags: { ...input.Tags },
        reservedConcurrency: undefined,
        recursiveLoop: "Terminate",
        eventInvoke: undefined,
        policy: {},
      };
      registry.add(created);
      return described(created);
    },

    GetFunction(input) {
      const target = registry.need(input.FunctionName, input.Qualifier);
      return {
        Configuration: described(target),
        Code: { RepositoryType: "S3" },
        ...(Object.keys(target.tags).length > 0 && { Tags: { ...target.tags } }),
        ...(target.reservedConcurrency !== undefined && {
          Concurrency: { ReservedConcurrentExecutions: target.reservedConcurrency },
        }),
      };
    },

    GetFunctionConfiguration: (input) => described(registry.need(input.FunctionName, input.Qualifier)),

    ListFunctions(input) {
      if (input.FunctionVersion !== undefined) throw notModelled("FunctionVersion");
      const functions = registry.all().sort((one, other) => (one.name < other.name ? -1 : 1));
      const from = input.Marker === undefined ? 0 : Number(input.Marker);
      const until = from + Math.min(50, input.MaxItems ?? 50);
      return {
        Functions: functions.slice(from, until).map(described),
        ...(until < functions.length && { NextMarker: String(until) }),
      };
    },

    UpdateFunctionConfiguration(input) {
      const target = registry.need(input.FunctionName);
      checkRevision(target, input.RevisionId);
      checkRole(input.Role);
      const configuration = settingsOf(target.name, input, target.configuration);
      checkDeadLetters(target.name, configuration);
      target.configuration = configuration;
      return changed(target);
    },

    UpdateFunctionCode(input) {
      const target = registry.need(input.FunctionName);
      checkRevision(target, input.RevisionId);
      if (input.Publish === true) throw notModelled("Publish");
      const code = codeFrom(input);
      if (input.DryRun === true) return described(target);
      target.code = code;
      const architecture = input.Architectures?.[0];
      if (architecture !== undefined) target.configuration = { ...target.configuration, architecture };
      return changed(target);
    },

    DeleteFunction(input) {
      const target = registry.need(input.FunctionName, input.Qualifier);
      registry.remove(target);
      given.whenDeleted(target);
      return { StatusCode: 204 };
    },
  } satisfies Operations<typeof lambda>;
}

type CodeLocation = Pick<lambda.FunctionCode, "ZipFile" | "S3Bucket" | "S3Key" | "ImageUri">;

function checkRevision(target: LambdaFunction, revisionId: string | undefined): void {
  if (revisionId !== undefined && revisionId !== target.revisionId)
    throw new PreconditionFailedException({
      Type: "User",
      message:
        "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId",
      $metadata: {},
    });
}

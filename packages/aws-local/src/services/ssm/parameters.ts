/** Parameter Store: values with versions. Changes are announced by an event that carries no value. */
import * as ssm from "@aws-sdk/client-ssm";
import { AwsError } from "../../aws-error.ts";
import type { EventIntake, Surroundings } from "../../region.ts";
import type { Call, Operations, Validated } from "../../service.ts";
import { page } from "./paging.ts";
import {
  checkValue,
  latestVersion,
  matches,
  metadata,
  readable,
  refuseUnmodelled,
  type StoredParameter,
  type StoredVersion,
} from "./stored-parameter.ts";
import type { TagStore } from "./tags.ts";
import { validationError } from "./validation-error.ts";

export interface Parameters {
  readonly operations: Pick<
    Operations<typeof ssm>,
    | "PutParameter"
    | "GetParameter"
    | "GetParameters"
    | "GetParametersByPath"
    | "GetParameterHistory"
    | "DescribeParameters"
    | "DeleteParameter"
    | "DeleteParameters"
  >;
}

const mostVersions = 100;

export function createParameters(
  { clock, region, account }: Surroundings,
  events: EventIntake,
  tags: TagStore,
): Parameters {
  const parameters = new Map<string, StoredParameter>();

  function put(input: Validated<ssm.PutParameterRequest>, call: Call): ssm.PutParameterResult {
    refuseUnmodelled(input);
    const existing = parameters.get(input.Name);
    checkPut(input, existing);
    const previous = existing?.versions.at(-1);
    const version = newVersion(input, previous, callerArn(call));
    checkValue(version);
    const parameter = existing ?? { name: input.Name, versions: [] };
    parameter.versions.push(version);
    if (parameter.versions.length > mostVersions) parameter.versions.shift();
    if (existing === undefined) {
      parameters.set(input.Name, parameter);
      tags.set("Parameter", input.Name, input.Tags ?? []);
    }
    announce(existing === undefined ? "Create" : "Update", parameter);
    return { Version: version.version, Tier: version.tier };
  }

  function checkPut(input: Validated<ssm.PutParameterRequest>, existing: StoredParameter | undefined): void {
    if (existing !== undefined && input.Overwrite !== true)
      throw new ssm.ParameterAlreadyExists({
        message:
          "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        $metadata: {},
      });
    if (existing === undefined && input.Type === undefined)
      throw validationError("A parameter type is required when you create a parameter.");
    if (existing !== undefined && (input.Tags?.length ?? 0) > 0)
      throw validationError(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
      );
    if (/^\/?(aws|ssm)/i.test(input.Name))
      throw validationError('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }

  function newVersion(
    input: Validated<ssm.PutParameterRequest>,
    previous: StoredVersion | undefined,
    modifiedBy: string,
  ): StoredVersion {
    const type = input.Type ?? previous?.type ?? "String";
    return {
      version: (previous?.version ?? 0) + 1,
      type,
      value: input.Value,
      description: input.Description ?? previous?.description,
      allowedPattern: input.AllowedPattern ?? previous?.allowedPattern,
      keyId: type === "SecureString" ? (input.KeyId ?? previous?.keyId ?? "alias/aws/ssm") : undefined,
      tier: input.Tier === "Advanced" || previous?.tier === "Advanced" ? "Advanced" : "Standard",
      dataType: input.DataType ?? previous?.dataType ?? "text",
      modifiedAt: clock.now(),
      modifiedBy,
    };
  }

  function callerArn({ principal }: Call): string {
    if (principal.kind === "user") return `arn:aws:iam::${account}:root`;
    return `arn:aws:sts::${account}:assumed-role/${principal.roleName}/${principal.sessionName}`;
  }

  /** Neither value nor version travel in the event: whoever wants them has to read them. */
  function announce(operation: "Create" | "Update" | "Delete", parameter: StoredParameter): void {
    const { type, description } = latestVersion(parameter);
    events.emit({
      source: "aws.ssm",
      detailType: "Parameter Store Change",
      resources: [arn(parameter.name)],
      detail: { operation, name: parameter.name, type, ...(description === undefined ? {} : { description }) },
    });
  }

  function arn(name: string): string {
    return `arn:aws:ssm:${region}:${account}:parameter${name.startsWith("/") ? "" : "/"}${name}`;
  }

  function find(name: string): StoredParameter {
    const parameter = parameters.get(name);
    if (parameter === undefined) throw new ssm.ParameterNotFound({ message: "", $metadata: {} });
    return parameter;
  }

  /** `name` or `name:version`; labels are not modelled. */
  function select(selector: string): { parameter: StoredParameter; version: StoredVersion; suffix: string } {
    const [name = "", wanted] = selector.startsWith("arn:") ? fromArn(selector) : selector.split(":");
    const parameter = find(name);
    if (wanted === undefined) return { parameter, version: latestVersion(parameter), suffix: "" };
    if (!/^\d+$/.test(wanted)) throw new AwsError("NotImplemented", "parameter labels are not modelled here", 501);
    const version = parameter.versions.find((each) => each.version === Number(wanted));
    if (version === undefined)
      throw new ssm.ParameterVersionNotFound({
        message: `Systems Manager could not find version ${wanted} of ${name}. Verify the version and try again.`,
        $metadata: {},
      });
    return { parameter, version, suffix: `:${wanted}` };
  }

  function fromArn(selector: string): string[] {
    const [path = "", wanted] = selector.split(":parameter")[1]?.split(":") ?? [];
    const name = parameters.has(path) ? path : path.slice(1);
    return wanted === undefined ? [name] : [name, wanted];
  }

  function show(selector: string, decrypt: boolean | undefined): ssm.Parameter {
    const { parameter, version, suffix } = select(selector);
    return {
      Name: parameter.name,
      Type: version.type,
      Value: readable(version, decrypt),
      Version: version.version,
      LastModifiedDate: new Date(version.modifiedAt),
      ARN: arn(parameter.name),
      DataType: version.dataType,
      ...(suffix === "" ? {} : { Selector: suffix }),
    };
  }

  function getSeveral(input: Validated<ssm.GetParametersRequest>): ssm.GetParametersResult {
    const found: ssm.Parameter[] = [];
    const invalid: string[] = [];
    for (const name of input.Names) {
      try {
        found.push(show(name, input.WithDecryption));
      } catch (error) {
        if (!(error instanceof ssm.ParameterNotFound || error instanceof ssm.ParameterVersionNotFound)) throw error;
        invalid.push(name);
      }
    }
    return { Parameters: found, InvalidParameters: invalid };
  }

  function getByPath(input: Validated<ssm.GetParametersByPathRequest>): ssm.GetParametersByPathResult {
    if ((input.ParameterFilters?.length ?? 0) > 0)
      throw new AwsError("NotImplemented", "ParameterFilters of GetParametersByPath are not modelled here", 501);
    if (!input.Path.startsWith("/"))
      throw validationError(
        "The parameter path must begin with a slash /. It can't end with a slash, except for the root.",
      );
    const prefix = input.Path.endsWith("/") ? input.Path : `${input.Path}/`;
    const names = sortedNames().filter(
      (name) => name.startsWith(prefix) && (input.Recursive === true || !name.slice(prefix.length).includes("/")),
    );
    const { items, next } = page(names, (name) => name, input, 10);
    return { Parameters: items.map((name) => show(name, input.WithDecryption)), ...next };
  }

  const sortedNames = (): string[] => [...parameters.keys()].sort();

  function history(input: Validated<ssm.GetParameterHistoryRequest>): ssm.GetParameterHistoryResult {
    const parameter = find(input.Name);
    const { items, next } = page(parameter.versions, ({ version }) => String(version), input, 50);
    return {
      Parameters: items.map((version) => ({
        ...metadata(parameter, version),
        Value: readable(version, input.WithDecryption),
        Labels: [],
      })),
      ...next,
    };
  }

  function describe(input: Validated<ssm.DescribeParametersRequest>): ssm.DescribeParametersResult {
    if (input.Shared === true || (input.Filters?.length ?? 0) > 0)
      throw new AwsError("NotImplemented", "Shared and Filters of DescribeParameters are not modelled here", 501);
    const filters = input.ParameterFilters ?? [];
    const matching = sortedNames()
      .map(find)
      .filter((each) => filters.every((filter) => matches(each, filter, tags.of("Parameter", each.name))));
    const { items, next } = page(matching, ({ name }) => name, input, 10);
    return {
      Parameters: items.map((each) => ({ ...metadata(each, latestVersion(each)), ARN: arn(each.name) })),
      ...next,
    };
  }

  function remove(name: string): void {
    const parameter = find(name);
    parameters.delete(name);
    tags.forget("Parameter", name);
    announce("Delete", parameter);
  }

  function removeSeveral(input: Validated<ssm.DeleteParametersRequest>): ssm.DeleteParametersResult {
    const known = input.Names.filter((name) => parameters.has(name));
    for (const name of known) remove(name);
    return { DeletedParameters: known, InvalidParameters: input.Names.filter((name) => !known.includes(name)) };
  }

  return {
    operations: {
      PutParameter: put,
      GetParameter: (input) => ({ Parameter: show(input.Name, input.WithDecryption) }),
      GetParameters: getSeveral,
      GetParametersByPath: getByPath,
      GetParameterHistory: history,
      DescribeParameters: describe,
      DeleteParameter(input) {
        remove(input.Name);
        return {};
      },
      DeleteParameters: removeSeveral,
    },
  };
}

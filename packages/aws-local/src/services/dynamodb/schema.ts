/** Key schemas as CreateTable and UpdateTable give them. */
import type { Projection } from "@aws-sdk/client-dynamodb";
import { invalidParameter, notModelled } from "./errors.ts";
import type { IndexDefinition } from "./indexes.ts";
import type { KeyAttributes } from "./keys.ts";

interface KeyPart {
  readonly AttributeName: string;
  readonly KeyType: "HASH" | "RANGE";
}

export interface RequestedIndex {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyPart[];
  readonly Projection: Pick<Projection, "ProjectionType"> & {
    readonly NonKeyAttributes?: readonly string[] | undefined;
  };
}

export function keyAttributes(schema: readonly KeyPart[], types: ReadonlyMap<string, string>): KeyAttributes {
  const [partition, sort, more] = schema;
  if (partition?.KeyType !== "HASH") throw invalidParameter("The first KeySchemaElement is not a HASH key type");
  if (sort?.KeyType === "HASH" || more !== undefined) throw notModelled("a key of several attributes");
  const undefinedNames = schema.map((part) => part.AttributeName).filter((name) => !types.has(name));
  if (undefinedNames.length > 0)
    throw invalidParameter(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${undefinedNames.join(", ")}], AttributeDefinitions: [${[...types.keys()].join(", ")}]`,
    );
  return { partition: partition.AttributeName, sort: sort?.AttributeName, types };
}

export function indexDefinition(requested: RequestedIndex, types: ReadonlyMap<string, string>): IndexDefinition {
  const { ProjectionType, NonKeyAttributes = [] } = requested.Projection;
  if (ProjectionType === undefined) throw invalidParameter("Unknown ProjectionType: null");
  if (ProjectionType === "INCLUDE" && NonKeyAttributes.length === 0)
    throw invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
  if (ProjectionType !== "INCLUDE" && NonKeyAttributes.length > 0)
    throw invalidParameter(`ProjectionType is ${ProjectionType}, but NonKeyAttributes is specified`);
  return {
    name: requested.IndexName,
    key: keyAttributes(requested.KeySchema, types),
    projection: ProjectionType,
    included: NonKeyAttributes,
  };
}

/** AttributeDefinitions name the key attributes, all of them and no others. */
export function assertDefinitionsMatch(
  definitions: readonly { readonly AttributeName: string }[],
  schemas: readonly (readonly KeyPart[])[],
): void {
  const defined = definitions.map(({ AttributeName }) => AttributeName);
  const used = new Set(schemas.flat().map(({ AttributeName }) => AttributeName));
  if (defined.some((name) => !used.has(name)))
    throw invalidParameter(
      `Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions; keys used: [${[...used].join(", ")}], AttributeDefinitions: [${defined.join(", ")}]`,
    );
}

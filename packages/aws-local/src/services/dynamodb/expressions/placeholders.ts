/**
 * ExpressionAttributeNames and ExpressionAttributeValues of one request. All its expressions share them, and each
 * placeholder has to be used by one of them.
 */
import { validationException } from "../errors.ts";
import { type AttributeValue, canonicalItem, type WireItem } from "../values.ts";

export interface Placeholders {
  name(placeholder: string): string | undefined;
  value(placeholder: string): AttributeValue | undefined;
  /** To be called when every expression of the request was parsed. */
  assertAllUsed(): void;
}

export interface ExpressionAttributes {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: WireItem | undefined;
}

/** `expressions`: the expressions of the request, by parameter name, whether given or not. */
export function placeholdersOf(
  request: ExpressionAttributes,
  expressions: Readonly<Record<string, string | undefined>>,
): Placeholders {
  const names = request.ExpressionAttributeNames;
  const values =
    request.ExpressionAttributeValues === undefined ? undefined : canonicalItem(request.ExpressionAttributeValues);
  check("ExpressionAttributeNames", "#", names, expressions);
  check("ExpressionAttributeValues", ":", values, expressions);
  const used = new Set<string>();

  function look<T>(found: Readonly<Record<string, T>> | undefined, placeholder: string): T | undefined {
    used.add(placeholder);
    return found !== undefined && Object.hasOwn(found, placeholder) ? found[placeholder] : undefined;
  }

  function assertAllUsed(): void {
    for (const [parameter, given] of Object.entries({ Names: names, Values: values })) {
      const unused = Object.keys(given ?? {}).filter((placeholder) => !used.has(placeholder));
      if (unused.length > 0)
        throw validationException(
          `Value provided in ExpressionAttribute${parameter} unused in expressions: keys: {${unused.join(", ")}}`,
        );
    }
  }

  return {
    name: (placeholder) => look(names, placeholder),
    value: (placeholder) => look(values, placeholder),
    assertAllUsed,
  };
}

function check(
  parameter: string,
  mark: string,
  given: Readonly<Record<string, unknown>> | undefined,
  expressions: Readonly<Record<string, string | undefined>>,
): void {
  if (given === undefined) return;
  const expressionNames = Object.keys(expressions);
  if (Object.values(expressions).every((expression) => expression === undefined))
    throw validationException(
      `${parameter} can only be specified when using expressions: ${
        expressionNames.length === 1 ? `${expressionNames[0]} is null` : `${expressionNames.join(" and ")} are null`
      }`,
    );
  if (Object.keys(given).length === 0) throw validationException(`${parameter} must not be empty`);
  for (const key of Object.keys(given)) {
    if (!key.startsWith(mark) || !/^.\w+$/.test(key))
      throw validationException(`${parameter} contains invalid key: Syntax error; key: "${key}"`);
  }
}

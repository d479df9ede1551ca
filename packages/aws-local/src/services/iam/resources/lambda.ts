/** Lambda: functions by name, partial ARN or ARN, with a qualifier where one is named. */
import { type Input, type Mapping, passRole, type ResourceLookups } from "./request.ts";

export const lambda: Mapping = (operation, input, lookups) => {
  const { region, account } = lookups;
  const mappings = input.texts("UUID").map((id) => `arn:aws:lambda:${region}:${account}:event-source-mapping:${id}`);
  const functions = input.texts("FunctionName").map((name) => functionArn(name, input, lookups));
  // An event source mapping is its own resource; its function is a condition key.
  const ofMapping = operation.includes("EventSourceMapping");
  return [
    {
      action: operation === "Invoke" ? "InvokeFunction" : operation.replace(/20\d{6}(v2)?$/, ""),
      resources: ofMapping ? mappings : [...functions, ...input.texts("Resource")],
      context: ofMapping && functions.length > 0 ? { "lambda:FunctionArn": functions } : {},
    },
    ...passRole(input.text("Role"), "lambda.amazonaws.com"),
  ];
};

function functionArn(nameOrArn: string, input: Input, { region, account }: ResourceLookups): string {
  const [name = "", inName] = nameOrArn.replace(/^.*function:/, "").split(":");
  const qualifier = inName ?? input.text("Qualifier");
  return `arn:aws:lambda:${region}:${account}:function:${name}${qualifier === undefined ? "" : `:${qualifier}`}`;
}

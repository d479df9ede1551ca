/** Systems Manager: a command touches its document and every instance; parameters go by their path. */
import { type Input, type Mapping, passRole, type ResourceLookups, type Touch } from "./request.ts";

export const ssm: Mapping = (operation, input, lookups) => {
  if (operation === "SendCommand") return sendCommand(input, lookups);
  if (input.has("ResourceType")) return [{ resources: tagged(input, lookups) }];
  const names = ["Name", "Names", "Path"].flatMap((member) => input.texts(member));
  const arnOf = operation.includes("Document")
    ? documentArn
    : operation.includes("Parameter")
      ? parameterArn
      : undefined;
  return [{ resources: arnOf === undefined ? [] : names.map((name) => arnOf(name, lookups)) }];
};

function sendCommand(input: Input, lookups: ResourceLookups): Touch[] {
  const targets = input.items("Targets");
  const listed = targets.filter(namesInstances).flatMap((target) => target.texts("Values"));
  // Whom tags will match is not known yet, so the sender has to be allowed every instance.
  const anyone = targets.every(namesInstances) ? [] : ["*"];
  return [
    { resources: input.texts("DocumentName").map((name) => documentArn(name, lookups)) },
    ...[...input.texts("InstanceIds"), ...listed, ...anyone].map((id) => ({ resources: [instanceArn(id, lookups)] })),
    ...input.texts("OutputS3BucketName").map((bucket) => ({ resources: [`arn:aws:s3:::${bucket}`] })),
    ...passRole(input.text("ServiceRoleArn"), "ssm.amazonaws.com"),
  ];
}

const namesInstances = (target: Input): boolean => target.text("Key") === "InstanceIds";

function tagged(input: Input, lookups: ResourceLookups): string[] {
  const [id = ""] = input.texts("ResourceId");
  switch (input.text("ResourceType")) {
    case "Document":
      return [documentArn(id, lookups)];
    case "Parameter":
      return [parameterArn(id, lookups)];
    case "ManagedInstance":
      return [instanceArn(id, lookups)];
    default:
      return [];
  }
}

function instanceArn(id: string, { region, account }: ResourceLookups): string {
  return id.startsWith("mi-")
    ? `arn:aws:ssm:${region}:${account}:managed-instance/${id}`
    : `arn:aws:ec2:${region}:${account}:instance/${id}`;
}

/** AWS's own documents belong to no account. */
function documentArn(name: string, { region, account }: ResourceLookups): string {
  if (name.startsWith("arn:")) return name;
  return `arn:aws:ssm:${region}:${/^(AWS|Amazon)/.test(name) ? "" : account}:document/${name}`;
}

/** Without the version or label behind the name. */
function parameterArn(name: string, { region, account }: ResourceLookups): string {
  if (name.startsWith("arn:")) return name;
  return `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, "").replace(/:.*$/, "")}`;
}

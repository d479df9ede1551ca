/**
 * awsQuery and ec2Query: a form comes in, XML goes out. Auto Scaling, ELBv2, SNS, IAM, STS and EC2 speak it; SQS and
 * CloudWatch still answer it to older clients.
 */
import { formText, utf8, xmlMembers } from "../codecs.ts";
import type { Conversation, Failure, WireRequest, WireResponse } from "../message.ts";
import type { OperationModel, ServiceModel, Shape } from "../schema.ts";

type Dialect = "awsQuery" | "ec2Query";

export function queryConversation(service: ServiceModel, request: WireRequest): Conversation {
  const form = formOf(request);
  const operationName = form.get("Action") ?? "";
  const dialect = service.protocol === "ec2Query" ? "ec2Query" : "awsQuery";
  return {
    operation: service.operation(operationName),
    operationName,
    malformed: "MalformedInput",
    unknown: "InvalidAction",
    decode: (operation) => (operation.input.isUnitSchema() ? {} : read(operation.input, treeOf(form), dialect)),
    encode: (operation, output, requestId) =>
      xmlResponse(200, requestId, answer(service, operation, output, requestId, dialect)),
    encodeError: (failure, requestId) =>
      xmlResponse(
        failure.queryStatus,
        requestId,
        dialect === "ec2Query" ? ec2Error(failure, requestId) : queryError(service, failure, requestId),
      ),
  };
}

/** Query calls may come as a form or, rarely, as a query string. */
export function formOf(request: WireRequest): URLSearchParams {
  return request.body.length > 0 ? new URLSearchParams(utf8(request.body)) : request.query;
}

// ---- Reading -------------------------------------------------------------------------------------------------------

/** `Filter.1.Value.2=x` as a tree. */
interface FormNode {
  text: string | undefined;
  readonly children: Map<string, FormNode>;
}

function treeOf(form: URLSearchParams): FormNode {
  const root = emptyNode();
  for (const [path, text] of form) {
    let node = root;
    for (const part of path.split(".")) {
      const child = node.children.get(part) ?? emptyNode();
      node.children.set(part, child);
      node = child;
    }
    node.text = text;
  }
  return root;
}

const emptyNode = (): FormNode => ({ text: undefined, children: new Map() });

function read(shape: Shape, node: FormNode, dialect: Dialect): unknown {
  if (shape.isStructSchema()) return readStructure(shape, node, dialect);
  if (shape.isListSchema()) return readList(shape, node, dialect);
  if (shape.isMapSchema()) return readMap(shape, node, dialect);
  return node.text === undefined ? undefined : formText.read(shape, node.text);
}

function readStructure(shape: Shape, node: FormNode, dialect: Dialect): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, member] of shape.structIterator()) {
    const child = node.children.get(keyOf(name, member, dialect));
    if (child !== undefined) value[name] = read(member, child, dialect);
  }
  return value;
}

function keyOf(name: string, member: Shape, dialect: Dialect): string {
  const { xmlName, ec2QueryName } = member.getMergedTraits();
  if (dialect === "awsQuery") return xmlName ?? name;
  if (typeof ec2QueryName === "string") return ec2QueryName;
  const key = xmlName ?? name;
  return key.charAt(0).toUpperCase() + key.slice(1);
}

function readList(shape: Shape, node: FormNode, dialect: Dialect): unknown[] {
  const item = shape.getValueSchema();
  const flat = dialect === "ec2Query" || shape.getMergedTraits().xmlFlattened;
  const wrapped = node.children.get(item.getMergedTraits().xmlName ?? "member") ?? node.children.get("member");
  return numbered(flat ? node : wrapped).map((child) => read(item, child, dialect));
}

function readMap(shape: Shape, node: FormNode, dialect: Dialect): Record<string, unknown> {
  const keyName = shape.getKeySchema().getMergedTraits().xmlName ?? "key";
  const valueShape = shape.getValueSchema();
  const valueName = valueShape.getMergedTraits().xmlName ?? "value";
  const entries = numbered(shape.getMergedTraits().xmlFlattened ? node : node.children.get("entry"));
  return Object.fromEntries(
    entries.map((entry) => {
      const value = entry.children.get(valueName);
      return [entry.children.get(keyName)?.text ?? "", value && read(valueShape, value, dialect)];
    }),
  );
}

/** Children 1, 2, 3 … in order of their numbers: `10` comes after `9`. */
function numbered(node: FormNode | undefined): FormNode[] {
  return [...(node?.children ?? [])]
    .filter(([key]) => /^\d+$/.test(key))
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([, child]) => child);
}

// ---- Writing -------------------------------------------------------------------------------------------------------

function answer(
  service: ServiceModel,
  operation: OperationModel,
  output: object,
  requestId: string,
  dialect: Dialect,
): string {
  const { name, output: shape } = operation;
  const members = shape.isUnitSchema() ? "" : xmlMembers(shape, output);
  if (dialect === "ec2Query") {
    const namespace = service.xmlNamespace.replace(/\/?$/, "/");
    return `<${name}Response xmlns="${namespace}"><requestId>${requestId}</requestId>${members}</${name}Response>`;
  }
  const result = shape.isUnitSchema() ? "" : `<${name}Result>${members}</${name}Result>`;
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return `<${name}Response xmlns="${service.xmlNamespace}">${result}${metadata}</${name}Response>`;
}

function queryError(service: ServiceModel, failure: Failure, requestId: string): string {
  const type = failure.fault === "client" ? "Sender" : "Receiver";
  const error = `<Type>${type}</Type>${codeAndMessage(failure)}${otherMembers(failure)}`;
  return `<ErrorResponse xmlns="${service.xmlNamespace}"><Error>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}

function ec2Error(failure: Failure, requestId: string): string {
  const error = `<Errors><Error>${codeAndMessage(failure)}</Error></Errors>`;
  return `<Response>${error}<RequestID>${requestId}</RequestID></Response>`;
}

const codeAndMessage = (failure: Failure): string =>
  `<Code>${escapeXml(failure.queryCode)}</Code><Message>${escapeXml(failure.message)}</Message>`;

function otherMembers({ modelled }: Failure): string {
  if (modelled === undefined) return "";
  const others = Object.entries(modelled.value).filter(([name]) => name.toLowerCase() !== "message");
  return xmlMembers(modelled.shape, Object.fromEntries(others));
}

function xmlResponse(statusCode: number, requestId: string, xml: string): WireResponse {
  return {
    statusCode,
    headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId },
    body: xml,
  };
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? "");

/** What the two REST protocols share: members travel in labels, query, headers, status and payload. */
import type { BodyCodec } from "../codecs.ts";
import { bindingText, utf8 } from "../codecs.ts";
import type { WireRequest, WireResponse } from "../message.ts";
import type { OperationModel, Shape } from "../schema.ts";
import type { RestMatch } from "./rest-routes.ts";

type Members = Record<string, unknown>;

// ---- Reading -------------------------------------------------------------------------------------------------------

export async function decodeBindings(
  codec: BodyCodec,
  { operation, labels }: RestMatch,
  request: WireRequest,
): Promise<Members> {
  if (operation.input.isUnitSchema()) return {};
  const input: Members = {};
  let bodyMembers = false;
  for (const [name, member] of operation.input.structIterator()) {
    const traits = member.getMergedTraits();
    if (traits.httpPayload) input[name] = await readPayload(codec, member, request.body);
    else if (isBound(member)) input[name] = readBinding(member, labels.get(name), request);
    else bodyMembers = true;
  }
  if (bodyMembers && request.body.length > 0) Object.assign(input, await bodyOf(codec, operation.input, request.body));
  return withoutUndefined(input);
}

function readBinding(member: Shape, label: string | undefined, { query, headers }: WireRequest): unknown {
  const { httpQuery, httpQueryParams, httpHeader, httpPrefixHeaders } = member.getMergedTraits();
  if (label !== undefined) return bindingText.read(member, label);
  if (httpQuery !== undefined) return readQuery(member, query.getAll(httpQuery));
  if (httpQueryParams) return Object.fromEntries(query);
  if (httpPrefixHeaders !== undefined) return prefixed(headers, httpPrefixHeaders.toLowerCase());
  const header = httpHeader === undefined ? undefined : headers[httpHeader.toLowerCase()];
  return header === undefined ? undefined : bindingText.read(member, header);
}

function readQuery(member: Shape, values: readonly string[]): unknown {
  const [first] = values;
  if (first === undefined) return undefined;
  if (!member.isListSchema()) return bindingText.read(member, first);
  return values.map((value) => bindingText.read(member.getValueSchema(), value));
}

function prefixed(headers: WireRequest["headers"], prefix: string): Record<string, string> | undefined {
  const found = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(prefix) && value !== undefined ? [[name.slice(prefix.length), value] as const] : [],
  );
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

async function readPayload(codec: BodyCodec, member: Shape, body: Uint8Array): Promise<unknown> {
  // A copy: what an operation keeps must not change with the caller's buffer.
  if (member.isBlobSchema()) return body.length > 0 ? new Uint8Array(body) : undefined;
  if (body.length === 0) return undefined;
  return member.isStringSchema() ? utf8(body) : codec.read(member, body);
}

/** Members of the body; the reader also looks for the bound ones there, and finds nothing of its own. */
async function bodyOf(codec: BodyCodec, shape: Shape, body: Uint8Array): Promise<Members> {
  const read = await codec.read(shape, body);
  if (typeof read !== "object" || read === null) return {};
  const inBody = (name: string): boolean => !isBound(shape.getMemberSchema(name));
  return Object.fromEntries(Object.entries(read).filter(([name]) => inBody(name)));
}

// ---- Writing -------------------------------------------------------------------------------------------------------

export async function encodeBindings(
  codec: BodyCodec,
  { http, output: shape }: OperationModel,
  output: object,
  metadata: Readonly<Record<string, string>>,
): Promise<WireResponse> {
  const members = shape.isUnitSchema() ? [] : [...shape.structIterator()];
  const headers: Record<string, string> = { ...metadata };
  let statusCode = http?.status ?? 200;
  for (const [name, member] of members) {
    const value: unknown = Reflect.get(output, name);
    if (value === undefined || value === null) continue;
    if (member.getMergedTraits().httpResponseCode) statusCode = Number(value);
    else Object.assign(headers, headersOf(member, value));
  }
  const document = await documentOf(codec, shape, members, output);
  return { ...document, statusCode, headers: { ...document.headers, ...headers } };
}

/** What is not in headers: one member as the whole payload, or those left over as a document. */
async function documentOf(
  codec: BodyCodec,
  shape: Shape,
  members: readonly (readonly [string, Shape])[],
  output: object,
): Promise<Pick<WireResponse, "headers" | "body" | "streams">> {
  const headers = { "content-type": codec.contentType };
  const payload = members.find(([, member]) => member.getMergedTraits().httpPayload);
  if (payload !== undefined) {
    const [name, member] = payload;
    const value: unknown = Reflect.get(output, name);
    if (member.isBlobSchema()) {
      return { headers: {}, body: await bytesOf(value ?? ""), streams: member.isStreaming() };
    }
    if (value === undefined || value === null) return { headers, body: "" };
    return { headers, body: member.isStringSchema() ? String(value) : codec.write(member, value) };
  }
  const inBody = members.filter(([, member]) => !isBound(member)).map(([name]) => name);
  if (inBody.length === 0) return { headers, body: "" };
  return {
    headers,
    body: codec.write(shape, Object.fromEntries(inBody.map((name) => [name, Reflect.get(output, name)]))),
  };
}

function headersOf(member: Shape, value: unknown): Record<string, string> {
  const { httpHeader, httpPrefixHeaders } = member.getMergedTraits();
  if (httpHeader !== undefined) return { [httpHeader.toLowerCase()]: bindingText.write(member, value) };
  if (httpPrefixHeaders === undefined || typeof value !== "object") return {};
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, text]) => [`${httpPrefixHeaders}${name}`.toLowerCase(), String(text)]),
  );
}

/** Operations may answer with bytes, text or a stream. */
export async function bytesOf(value: unknown): Promise<Uint8Array> {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (!isAsyncIterable(value)) throw new TypeError("a payload has to be bytes, text or a stream");
  const chunks: Uint8Array[] = [];
  for await (const chunk of value) chunks.push(await bytesOf(chunk));
  return Buffer.concat(chunks);
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/** Travels outside the body. */
function isBound(member: Shape): boolean {
  const traits = member.getMergedTraits();
  return (
    Boolean(traits.httpLabel || traits.httpQueryParams || traits.httpResponseCode) ||
    traits.httpQuery !== undefined ||
    traits.httpHeader !== undefined ||
    traits.httpPrefixHeaders !== undefined
  );
}

const withoutUndefined = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

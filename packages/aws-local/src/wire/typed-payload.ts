/** What the REST protocols do to payloads on the way, for calls that travel without bytes. */
import { Readable } from "node:stream";
import { sdkStreamMixin, Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import { bytesOf } from "./protocols/rest-bindings.ts";
import type { OperationModel, Shape } from "./schema.ts";

/** Callers may give text or a stream; operations see bytes, as over the wire. */
export async function withPayloadBytes({ http, input: shape }: OperationModel, input: object): Promise<object> {
  const name = http === undefined ? undefined : payloadMember(shape);
  const payload: unknown = name === undefined ? undefined : Reflect.get(input, name);
  return name === undefined || payload === undefined ? input : { ...input, [name]: await bytesOf(payload) };
}

/** Operations may answer with text or bytes; callers expect `transformToString()` on it. */
export async function withReadablePayload({ http, output: shape }: OperationModel, output: object): Promise<object> {
  const name = http === undefined ? undefined : payloadMember(shape);
  const payload: unknown = name === undefined ? undefined : Reflect.get(output, name);
  if (name === undefined || payload === undefined) return output;
  const bytes = await bytesOf(payload);
  const streams = shape.getMemberSchema(name).isStreaming();
  return { ...output, [name]: streams ? sdkStreamMixin(Readable.from([bytes])) : Uint8ArrayBlobAdapter.mutate(bytes) };
}

function payloadMember(shape: Shape): string | undefined {
  if (!shape.isStructSchema()) return undefined;
  for (const [name, member] of shape.structIterator()) {
    if (member.getMergedTraits().httpPayload && member.isBlobSchema()) return name;
  }
  return undefined;
}

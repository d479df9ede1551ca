/**
 * The SDK's own codecs, the other way round: what its clients write is read here, what they read is written here.
 * With `schema.ts` the only place that touches them.
 */
import { XmlCodec, XmlShapeSerializer } from "@aws-sdk/core/protocols";
import { CborCodec, cbor } from "@smithy/core/cbor";
import { FromStringShapeDeserializer, JsonCodec2, ToStringShapeSerializer } from "@smithy/core/protocols";
import type { Shape } from "./schema.ts";

const dateTime = 5;
const epochSeconds = 7;

/** Turns a body into a value and back, by its shape. */
export interface BodyCodec {
  readonly contentType: string;
  read(shape: Shape, body: Uint8Array): Promise<unknown>;
  write(shape: Shape, value: unknown): Uint8Array | string;
}

export interface TextCodec {
  read(shape: Shape, text: string): unknown;
  write(shape: Shape, value: unknown): string;
}

/** JSON as the RPC protocols write it. */
export const json = jsonCodec(false);

/** JSON as REST writes it: `jsonName` counts. */
export const restJson = jsonCodec(true);

function jsonCodec(rest: boolean): BodyCodec {
  const codec = new JsonCodec2({
    timestampFormat: { useTrait: true, default: epochSeconds },
    jsonName: rest,
    httpBindings: rest,
  });
  return {
    contentType: "application/json",
    async read(shape, body) {
      return codec.createDeserializer().read(shape, utf8(body));
    },
    write(shape, value) {
      const serializer = codec.createSerializer();
      serializer.write(shape, value);
      // The codec's own Uint8Array subclass warns when a Buffer is made from it; a plain view does not.
      return plain(serializer.flush());
    },
  };
}

const cborCodec = new CborCodec();

export const cborBody: BodyCodec & { plain(value: unknown): Uint8Array; parse(body: Uint8Array): unknown } = {
  contentType: "application/cbor",
  async read(shape, body) {
    return cborCodec.createDeserializer().read(shape, body);
  },
  write(shape, value) {
    const serializer = cborCodec.createSerializer();
    serializer.write(shape, value);
    return serializer.flush();
  },
  plain: (value) => cbor.serialize(value),
  parse: (body) => cbor.deserialize(body),
};

/** XML documents with a namespace on the root, as S3 reads and writes them. */
export function xmlDocuments(xmlNamespace: string, serviceNamespace: string): BodyCodec {
  const codec = new XmlCodec({
    timestampFormat: { useTrait: true, default: dateTime },
    httpBindings: true,
    xmlNamespace,
    serviceNamespace,
  });
  return {
    contentType: "application/xml",
    async read(shape, body) {
      return codec.createDeserializer().read(shape, body);
    },
    write(shape, value) {
      const serializer = codec.createSerializer();
      serializer.write(shape, value);
      return `${xmlDeclaration}${serializer.flush()}`;
    },
  };
}

export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** A structure's members as XML, without the element around them: query answers put their own around it. */
export function xmlMembers(shape: Shape, value: unknown): string {
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: dateTime },
    httpBindings: false,
    xmlNamespace: "",
    serviceNamespace: "",
  });
  serializer.write(shape, value);
  const element = String(serializer.flush());
  const opening = element.indexOf(">");
  return element[opening - 1] === "/" ? "" : element.slice(opening + 1, element.lastIndexOf("</"));
}

/** Simple values in a form: ISO timestamps. */
export const formText = textCodec(false, dateTime);

/** Simple values in labels, query strings and headers. */
export const bindingText = textCodec(true, dateTime);

function textCodec(httpBindings: boolean, timestamps: typeof dateTime | typeof epochSeconds): TextCodec {
  const settings = { httpBindings, timestampFormat: { useTrait: true, default: timestamps } };
  const reader = new FromStringShapeDeserializer(settings);
  const writer = new ToStringShapeSerializer(settings);
  return {
    read: (shape, text) => reader.read(shape, text),
    write(shape, value) {
      writer.write(shape, value);
      return writer.flush();
    },
  };
}

export const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

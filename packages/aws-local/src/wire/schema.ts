/**
 * What a client package says about its service: operations, shapes, protocol, names on the wire, error classes.
 *
 * This file and `codecs.ts` alone touch the SDK's schema exports. Their layout is public but undocumented, so it is
 * parsed here, the versions are pinned, and the round trip in `test/wire` is the alarm on an upgrade.
 */
import { NormalizedSchema, TypeRegistry } from "@smithy/core/schema";
import * as z from "zod";

export type Shape = NormalizedSchema;
type SchemaReference = Parameters<typeof NormalizedSchema.of>[0];

export type ProtocolName = "awsQuery" | "ec2Query" | "awsJson1_0" | "awsJson1_1" | "restJson1" | "restXml";

export interface ServiceModel {
  /** `AutoScalingClient` */
  readonly clientName: string;
  /** The service in a SigV4 credential scope: `autoscaling`, `monitoring`, `elasticloadbalancing` … */
  readonly signingName: string;
  /** What the JavaScript client of today speaks. */
  readonly protocol: ProtocolName;
  /** `com.amazonaws.autoscaling` */
  readonly namespace: string;
  readonly xmlNamespace: string;
  /** `2011-01-01` */
  readonly version: string;
  /** The first half of `X-Amz-Target`. */
  readonly targetPrefix: string;
  /** Once spoke query and still answers it, with the old error codes in `x-amzn-query-error`. */
  readonly queryCompatible: boolean;
  operation(name: string): OperationModel | undefined;
  operations(): OperationModel[];
  /** The modelled error that this is an instance of, or that has this name. */
  errorModel(errorOrName: unknown): ErrorModel | undefined;
  /** What a caller of the SDK would catch. */
  exception(code: string, properties: ExceptionProperties): Error;
}

export interface OperationModel {
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** The `http` trait of the REST protocols. */
  readonly http: { readonly method: string; readonly uri: string; readonly status: number } | undefined;
}

export interface ErrorModel {
  readonly name: string;
  readonly namespace: string;
  readonly shape: Shape;
  readonly fault: "client" | "server";
  readonly status: number;
  /** Code and status of the days when the service spoke query. */
  readonly query: { readonly code: string; readonly status: number } | undefined;
}

export interface ExceptionProperties {
  readonly message: string;
  readonly $fault: "client" | "server";
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string };
}

/** Read once for each package: it says the same to everybody. */
export function serviceModel(sdk: object): ServiceModel {
  const known = models.get(sdk) ?? readModel(sdk);
  models.set(sdk, known);
  return known;
}

const models = new WeakMap<object, ServiceModel>();

function readModel(sdk: object): ServiceModel {
  const exports: Readonly<Record<string, unknown>> = { ...sdk };
  const { clientName, configuration } = clientOf(exports);
  const settings = configuration.protocolSettings;
  const registry = TypeRegistry.for(settings.defaultNamespace);
  const known = new Map<string, OperationModel>();

  function operation(name: string): OperationModel | undefined {
    const found = known.get(name);
    if (found !== undefined) return found;
    const parsed = operationTuple.safeParse(exports[`${name}$`]);
    if (!parsed.success) return undefined;
    const model = operationModel(parsed.data);
    known.set(name, model);
    return model;
  }

  function errorModel(errorOrName: unknown): ErrorModel | undefined {
    const id =
      errorOrName instanceof Error ? shapeIdOf(errorOrName) : `${settings.defaultNamespace}#${String(errorOrName)}`;
    const found = registry.find((schema) => idOf(schema) === id);
    const parsed = errorTuple.safeParse(found);
    return parsed.success ? toErrorModel(parsed.data, NormalizedSchema.of(reference.parse(found))) : undefined;
  }

  function exception(code: string, properties: ExceptionProperties): Error {
    const modelled = registry.find((schema) => idOf(schema) === `${settings.defaultNamespace}#${code}`);
    const base = TypeRegistry.for(`smithy.ts.sdk.synthetic.${settings.defaultNamespace}`).getBaseException();
    const exceptionClass: unknown = registry.getErrorCtor(errorReference.parse(modelled ?? base));
    return z
      .instanceof(Error)
      .parse(Reflect.construct(callable.parse(exceptionClass), [{ name: code, ...properties }]));
  }

  return {
    clientName,
    signingName: configuration.signingName ?? configuration.defaultSigningName,
    protocol: configuration.protocol,
    namespace: settings.defaultNamespace,
    xmlNamespace: settings.xmlNamespace ?? `http://${configuration.defaultSigningName}.amazonaws.com/`,
    version: settings.version,
    targetPrefix: settings.serviceTarget,
    queryCompatible: settings.awsQueryCompatible ?? false,
    operation,
    operations: () =>
      Object.keys(exports)
        .filter((name) => name.endsWith("$"))
        .flatMap((name) => operation(name.slice(0, -1)) ?? []),
    errorModel,
    exception,
  };
}

/** The members that a structure requires. The SDK sorts them first and says how many in the tuple's seventh slot. */
export function requiredMembers(shape: Shape): readonly string[] {
  const schema = shape.getSchema();
  if (typeof schema !== "object") return [];
  const known = requiredBySchema.get(schema);
  if (known !== undefined) return known;
  const parsed = structureTuple.safeParse(schema);
  const required = parsed.success ? parsed.data[4].slice(0, parsed.data[6] ?? 0) : [];
  requiredBySchema.set(schema, required);
  return required;
}

const requiredBySchema = new WeakMap<object, readonly string[]>();

/** A client made only to read its resolved configuration. */
function clientOf(exports: Readonly<Record<string, unknown>>) {
  const found = Object.entries(exports).find(([name]) => name.endsWith("Client") && name !== "__Client");
  if (found === undefined) throw new Error("this is no client package of the AWS SDK: it exports no client");
  const [clientName, clientClass] = found;
  const credentials = { accessKeyId: "unused", secretAccessKey: "unused" };
  // Without a mode of defaults the client would look for one in `~/.aws`.
  const settings = { region: "us-east-1", credentials, defaultsMode: "standard" };
  const client: unknown = Reflect.construct(callable.parse(clientClass), [settings]);
  return { clientName, configuration: clientShape.parse(client).config };
}

function operationModel(tuple: z.infer<typeof operationTuple>): OperationModel {
  const [, , name, traits, input, output] = tuple;
  const http = typeof traits === "object" ? traits.http : undefined;
  return {
    name,
    input: NormalizedSchema.of(input),
    output: NormalizedSchema.of(output),
    http: http && { method: http[0], uri: http[1], status: http[2] },
  };
}

function toErrorModel([, namespace, name, traits]: z.infer<typeof errorTuple>, shape: Shape): ErrorModel {
  const { error, httpError, awsQueryError } = typeof traits === "number" ? noTraits : traits;
  const fault = error ?? "client";
  return {
    name,
    namespace,
    shape,
    fault,
    status: httpError ?? (fault === "client" ? 400 : 500),
    query: awsQueryError && { code: awsQueryError[0], status: awsQueryError[1] },
  };
}

const noTraits = { error: undefined, httpError: undefined, awsQueryError: undefined };

const idOf = (schema: unknown): string | undefined =>
  Array.isArray(schema) && schema[0] === errorKind ? `${schema[1]}#${schema[2]}` : undefined;

const shapeIdOf = (error: Error): string | undefined =>
  "shapeId" in error.constructor ? String(error.constructor.shapeId) : undefined;

const structureKind = 3;
const operationKind = 9;
const errorKind = -3;

const callable = z.custom<new (...args: never) => object>((value) => typeof value === "function");
/** Passed on untouched: schemas are cached by a symbol on the very tuple. */
const reference = z.custom<SchemaReference>((value) => value !== undefined && value !== null);
const errorReference = z.custom<Parameters<TypeRegistry["getErrorCtor"]>[0]>(
  (value) => Array.isArray(value) && value[0] === errorKind,
);

const traitsWith = <T extends z.ZodRawShape>(traits: T) => z.union([z.number(), z.object(traits)]);

const operationTuple = z.tuple([
  z.literal(operationKind),
  z.string(),
  z.string(),
  traitsWith({ http: z.tuple([z.string(), z.string(), z.number()]).optional() }),
  reference,
  reference,
]);

const structureTuple = z.tuple([
  z.literal(structureKind),
  z.string(),
  z.string(),
  z.unknown(),
  z.array(z.string()),
  z.unknown(),
  z.number().optional(),
]);

const errorTuple = z.tuple(
  [
    z.literal(errorKind),
    z.string(),
    z.string(),
    traitsWith({
      error: z.enum(["client", "server"]).optional(),
      httpError: z.number().optional(),
      awsQueryError: z.tuple([z.string(), z.number()]).optional(),
    }),
  ],
  z.unknown(),
);

const protocolPrefix = "aws.protocols#";
const protocolName = z.enum(["awsQuery", "ec2Query", "awsJson1_0", "awsJson1_1", "restJson1", "restXml"]);

const clientShape = z.object({
  config: z.object({
    signingName: z.string().optional(),
    defaultSigningName: z.string(),
    protocol: z
      .custom<{ getShapeId(): string }>((value) => typeof value === "object" && value !== null && "getShapeId" in value)
      .transform((protocol) => protocolName.parse(protocol.getShapeId().replace(protocolPrefix, ""))),
    protocolSettings: z.object({
      defaultNamespace: z.string(),
      xmlNamespace: z.string().optional(),
      version: z.string(),
      serviceTarget: z.string(),
      awsQueryCompatible: z.boolean().optional(),
    }),
  }),
});

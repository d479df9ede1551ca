/**
 * What an embedded service is: the client package whose schemas describe its wire, and one function an operation.
 * The wire layer decodes, validates and authorises before an operation runs, and encodes what it returns or throws.
 */

/** Who calls. The account's own user may do anything; a role may do what its policies allow. */
export type Principal =
  | { readonly kind: "user" }
  | { readonly kind: "role"; readonly roleName: string; readonly sessionName: string };

export interface Call {
  readonly principal: Principal;
  readonly requestId: string;
  /** The `X-Amzn-Trace-Id` header, which an SDK inside a Lambda function sends along; its `Lineage` shows loops. */
  readonly traceHeader?: string;
}

/**
 * The input after validation: members that the service requires are there. (The SDK types them `string | undefined`
 * without a question mark, the optional ones with it.)
 */
export type Validated<T> = T extends Date | Uint8Array | ((...args: never) => unknown)
  ? T
  : T extends readonly (infer Item)[]
    ? Validated<Item>[]
    : T extends object
      ? {
          [K in keyof T]: undefined extends T[K]
            ? object extends Pick<T, K>
              ? Validated<T[K]>
              : Validated<NonNullable<T[K]>>
            : Validated<T[K]>;
        }
      : T;

/** By way of the instance: a command whose input is optional has overloaded constructors. */
type InputOf<C> = C extends new (...args: never) => { readonly input: infer Input } ? Input : never;
type OutputOf<C> = C extends new (
  ...args: never
) => { resolveMiddleware(...args: never): (...args: never) => Promise<{ output: infer Output }> }
  ? WithBytes<Omit<Output, "$metadata">>
  : never;

/** A payload that a client sees as a stream (S3's GetObject) leaves an operation as bytes. */
type WithBytes<Output> = {
  [K in keyof Output]: [Extract<Output[K], { transformToWebStream(): unknown }>] extends [never]
    ? Output[K]
    : Output[K] | Uint8Array;
};

/** The operations of a client package that this service gives behaviour to; `M` is `typeof import("@aws-sdk/client-…")`. */
export type Operations<M> = {
  [K in keyof M as K extends `${infer Name}Command` ? Name : never]?: (
    input: Validated<InputOf<M[K]>>,
    call: Call,
  ) => OutputOf<M[K]> | Promise<OutputOf<M[K]>>;
};

/**
 * One embedded service. An operation without behaviour is answered `NotImplemented` (501), never with an empty
 * success.
 */
export interface EmbeddedService {
  /** The client package: `import * as sqs from "@aws-sdk/client-sqs"`. */
  readonly sdk: object;
  /** The IAM prefix, as in `autoscaling:CompleteLifecycleAction`. */
  readonly iamPrefix: string;
  readonly operations: Readonly<Record<string, ((input: never, call: Call) => unknown) | undefined>>;
}

/** Ties operations to the client package that types them. */
export function embeddedService<M extends object>(
  sdk: M,
  iamPrefix: string,
  operations: NoInfer<Operations<M>>,
): EmbeddedService {
  return { sdk, iamPrefix, operations: operations as EmbeddedService["operations"] };
}

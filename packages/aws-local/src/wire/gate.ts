/**
 * What every call passes, whichever way it came: identify, read, throttle, validate, authorise, run, answer. Throttling
 * comes after reading, for EC2's buckets depend on the input.
 */
import { AwsError } from "../aws-error.ts";
import type { Clock } from "../clock.ts";
import { type Limits, unlimited } from "../limits/limits.ts";
import type { Random } from "../random.ts";
import type { Principal } from "../service.ts";
import type { Endpoint } from "./endpoint.ts";
import { failureOf, internalFailure } from "./failure.ts";
import { createSessions, type Identify } from "./identity.ts";
import type { Failure } from "./message.ts";
import type { OperationModel } from "./schema.ts";
import { validate } from "./validate.ts";
import { refusal, type Spelling } from "./vocabulary.ts";

export interface GateOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Without: every key is the account's user, and temporary keys are unknown. */
  readonly identify?: Identify | undefined;
  /** Without: no request is one too many. */
  readonly limits?: Limits | undefined;
  /** Throws `AwsError` `AccessDenied`; each service's own code is put in its place. Without: everybody may do anything. */
  readonly authorize?: ((attempt: Attempt) => void | Promise<void>) | undefined;
  /** Told of what no AWS would say: a mistake in the embedded AWS itself. Its caller gets `InternalFailure`. */
  readonly onDefect: (error: unknown) => void;
  readonly observe?: ((record: CallRecord) => void) | undefined;
}

export interface Attempt {
  /** The IAM prefix: `autoscaling`. */
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly principal: Principal;
}

export interface CallRecord {
  readonly service: string;
  readonly operation: string;
  /** Undefined where the caller could not be identified. */
  readonly principal: Principal | undefined;
  readonly requestId: string;
  readonly status: number;
  readonly errorCode: string | undefined;
  /** As decoded; undefined where it could not be read. */
  readonly input: unknown;
}

export interface Visit<Answer> {
  readonly endpoint: Endpoint;
  readonly operation: OperationModel | undefined;
  readonly operationName: string;
  readonly accessKeyId: string | undefined;
  readonly sessionToken: string | undefined;
  readonly traceHeader: string | undefined;
  /** Codes of the protocol, for a call that cannot be read or does not exist. */
  readonly malformed: string;
  readonly unknown: string;
  read(operation: OperationModel): unknown;
  answer(operation: OperationModel, output: object, requestId: string): Answer | Promise<Answer>;
  refuse(failure: Failure, requestId: string): Answer;
}

export type Gate = <Answer>(visit: Visit<Answer>) => Promise<Answer>;

/** What is known of a call so far. */
interface Progress {
  readonly requestId: string;
  principal: Principal | undefined;
  input: unknown;
}

type Outcome<Answer> = { readonly answer: Answer; readonly failure: undefined } | { readonly failure: Failure };

export function createGate(options: GateOptions): Gate {
  const { random, onDefect, observe, authorize } = options;
  const identify = options.identify ?? createSessions(options.clock, random).identify;
  const limits = options.limits ?? unlimited;

  return async function pass<Answer>(visit: Visit<Answer>): Promise<Answer> {
    const requestId = random.uuid();
    const progress: Progress = { requestId, principal: undefined, input: undefined };
    const outcome = await attempt(visit, progress);
    observe?.({
      service: visit.endpoint.service,
      operation: visit.operationName,
      requestId,
      principal: progress.principal,
      status: outcome.failure?.status ?? 200,
      errorCode: outcome.failure?.code,
      input: progress.input,
    });
    return outcome.failure === undefined ? outcome.answer : visit.refuse(outcome.failure, requestId);
  };

  async function attempt<Answer>(visit: Visit<Answer>, progress: Progress): Promise<Outcome<Answer>> {
    try {
      const principal = await identified(visit);
      progress.principal = principal;
      const operation = existing(visit);
      const output = await run(visit, operation, principal, progress);
      return { answer: await visit.answer(operation, output, progress.requestId), failure: undefined };
    } catch (error) {
      return { failure: failureOf(visit.endpoint.model, error) ?? defect(error) };
    }
  }

  async function identified({ accessKeyId, sessionToken, endpoint }: Visit<unknown>): Promise<Principal> {
    if (accessKeyId === undefined) {
      throw new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
    }
    const { unknownKey, expiredToken } = endpoint.vocabulary;
    const spellings = { InvalidClientTokenId: unknownKey, ExpiredToken: expiredToken };
    return respelled(spellings, async () => identify(accessKeyId, sessionToken));
  }

  function existing({ operation, operationName, unknown, endpoint }: Visit<unknown>): OperationModel {
    if (operation === undefined) {
      throw new AwsError(unknown, `The action ${operationName} is not valid for this web service.`);
    }
    if (endpoint.operations[operation.name] === undefined) {
      throw new AwsError("NotImplemented", `${endpoint.service}:${operation.name} is not modelled here`, 501);
    }
    return operation;
  }

  async function run(
    visit: Visit<unknown>,
    operation: OperationModel,
    principal: Principal,
    progress: Progress,
  ): Promise<object> {
    const { service, operations, constraints, vocabulary } = visit.endpoint;
    const input = await readable(visit, operation);
    progress.input = input;
    if (!limits.admit({ service, operation: operation.name, input })) throw refusal(vocabulary.throttled);
    validate(input, operation.name, {
      input: operation.input,
      constraints: constraints(),
      style: vocabulary.validation,
      malformed: visit.malformed,
    });
    await authorized(visit, { service, operation: operation.name, input, principal });
    const trace = visit.traceHeader === undefined ? {} : { traceHeader: visit.traceHeader };
    // Decoded by the operation's own schema and validated: this is the input that the operation declares.
    const output = await operations[operation.name]?.(input as never, {
      principal,
      requestId: progress.requestId,
      ...trace,
    });
    return typeof output === "object" && output !== null ? output : {};
  }

  async function readable(visit: Visit<unknown>, operation: OperationModel): Promise<unknown> {
    try {
      return await visit.read(operation);
    } catch (error) {
      throw new AwsError(visit.malformed, error instanceof Error ? error.message : String(error));
    }
  }

  async function authorized({ endpoint }: Visit<unknown>, attempt: Attempt): Promise<void> {
    const { denied } = endpoint.vocabulary;
    await respelled({ AccessDenied: denied }, async () => authorize?.(attempt));
  }

  function defect(error: unknown): Failure {
    onDefect(error);
    return internalFailure(error);
  }
}

type Spellings = Readonly<Record<string, Spelling>>;

async function respelled<T>(spellings: Spellings, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw inWords(spellings, error);
  }
}

/** The same error, called what this service calls it. */
function inWords(spellings: Spellings, error: unknown): unknown {
  if (!(error instanceof AwsError)) return error;
  const spelling = spellings[error.code];
  return spelling === undefined ? error : refusal(spelling, `${spelling.message}${error.message}`);
}

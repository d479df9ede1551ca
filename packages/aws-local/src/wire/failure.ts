/** From what an operation throws to what its caller is told. Anything that is not an error of AWS is a defect of ours. */
import { AwsError } from "../aws-error.ts";
import type { Failure } from "./message.ts";
import type { ErrorModel, ServiceModel } from "./schema.ts";

/** Undefined for what no AWS would say. */
export function failureOf(service: ServiceModel, error: unknown): Failure | undefined {
  if (error instanceof AwsError) return plainFailure(service, error);
  const model = service.errorModel(error);
  return model !== undefined && error instanceof Error ? modelledFailure(model, error) : undefined;
}

export function internalFailure(error: unknown): Failure {
  const message = `The embedded AWS has a defect: ${error instanceof Error ? error.message : String(error)}`;
  return spelled("InternalFailure", message, "server", 500, undefined);
}

function plainFailure(service: ServiceModel, { code, message, status }: AwsError): Failure {
  const model = service.errorModel(code);
  const modelled = model && { namespace: model.namespace, shape: model.shape, value: {} };
  return spelled(code, message, status < 500 ? "client" : "server", status, modelled);
}

const spelled = (
  code: string,
  message: string,
  fault: Failure["fault"],
  status: number,
  modelled: Failure["modelled"],
): Failure => ({ code, queryCode: code, message, fault, status, queryStatus: status, modelled });

function modelledFailure(model: ErrorModel, error: Error): Failure {
  return {
    code: model.name,
    queryCode: model.query?.code ?? model.name,
    message: messageOf(error),
    fault: model.fault,
    status: model.status,
    queryStatus: model.query?.status ?? model.status,
    modelled: { namespace: model.namespace, shape: model.shape, value: membersOf(model, error) },
  };
}

/** Some exception classes keep their text in `Message`. */
function messageOf(error: Error): string {
  if (error.message !== "") return error.message;
  return "Message" in error ? String(error.Message ?? "") : "";
}

function membersOf(model: ErrorModel, error: Error): object {
  const names = [...model.shape.structIterator()].map(([name]) => name);
  return Object.fromEntries(names.map((name) => [name, Reflect.get(error, name)]));
}

/** Warden switched off and on as AWS does it: a function with no concurrency left to it is not run, and its events wait. */
import {
  DeleteFunctionConcurrencyCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  paginateListFunctions,
} from "@aws-sdk/client-lambda";
import { userCredentials } from "@warden/aws-local";

export interface FunctionsSwitch {
  stop(): Promise<void>;
  start(): Promise<void>;
}

export function functionsSwitch(endpoint: string, region: string): FunctionsSwitch {
  const client = new LambdaClient({ endpoint, region, credentials: userCredentials });

  async function forEach(change: (FunctionName: string) => Promise<unknown>): Promise<void> {
    for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
      for (const { FunctionName = "" } of Functions) await change(FunctionName);
  }

  return {
    stop: () =>
      forEach((FunctionName) =>
        client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 })),
      ),
    start: () => forEach((FunctionName) => client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))),
  };
}

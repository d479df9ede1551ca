/** A process that holds two environments, one idle and one in the middle of an invocation, and prints their process ids. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createChildProcessLauncher } from "../../src/services/lambda/child-process.ts";
import type { EnvironmentObserver } from "../../src/services/lambda/environment.ts";

const taskRoot = join(process.argv[2] ?? "", "parent");
mkdirSync(taskRoot);
writeFileSync(
  join(taskRoot, "index.mjs"),
  "console.log(process.pid); export const handler = () => new Promise((resolve) => setTimeout(resolve, 600000));",
);

const pids: number[] = [];
const launcher = createChildProcessLauncher();

function launch(whenInitialised: () => void): void {
  const fail = (): never => process.exit(1);
  const observer: EnvironmentObserver = { initialised, initFailed: fail, answered: fail, exited: fail };
  const environment = launcher.launch(
    {
      functionName: "idle",
      handler: "index.handler",
      taskRoot,
      memorySize: 128,
      variables: { _HANDLER: "index.handler", LAMBDA_TASK_ROOT: taskRoot },
      log: (line) => void pids.push(Number(line)),
    },
    observer,
  );
  function initialised(): void {
    if (pids.length === 2)
      environment.invoke({
        requestId: "1",
        payload: "{}",
        functionArn: "arn",
        deadline: 0,
        traceHeader: "",
        clientContext: undefined,
      });
    whenInitialised();
  }
}

launch(() => launch(() => process.stdout.write(`${JSON.stringify(pids)}\n`)));

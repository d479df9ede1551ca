/**
 * Execution environments as child processes of Node, each behind a Runtime API of its own. A child sees the variables
 * that Lambda gives and nothing of this process's environment, and ends with this process however that ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { devNull } from "node:os";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type {
  EnvironmentLauncher,
  EnvironmentObserver,
  EnvironmentSpecification,
  ExecutionEnvironment,
} from "./environment.ts";
import { createRuntimeApi } from "./runtime-api.ts";

const runtimeClient = fileURLToPath(new URL("./runtime-client.mjs", import.meta.url));

export function createChildProcessLauncher(
  options: {
    /** The Node that runs functions. */
    readonly execPath?: string;
    /** More arguments for Node: `--inspect`, or `--import` of a module that makes its time pass faster. */
    readonly execArgv?: readonly string[];
  } = {},
): EnvironmentLauncher {
  function launch(specification: EnvironmentSpecification, observer: EnvironmentObserver): ExecutionEnvironment {
    let isOver = false;
    let child: ChildProcess | undefined;
    const api = createRuntimeApi({
      initialised: unlessOver(observer.initialised),
      initFailed: unlessOver(observer.initFailed),
      answered: unlessOver(observer.answered),
      exited: unlessOver(observer.exited),
    });

    void api.listen().then((address) => {
      if (isOver) return;
      child = start(address);
      child.on("error", (error) => exited(error.message));
      // "close" rather than "exit": what the function printed last has been read by then.
      child.on("close", (code, signal) => exited(signal === null ? `exit status ${code}` : describe(signal)));
      eachLine(child.stdout, specification.log);
      eachLine(child.stderr, specification.log);
    });

    function start(address: string): ChildProcess {
      const heap = Math.floor(specification.memorySize * shareOfHeap);
      const execArgv = [`--max-old-space-size=${heap}`, ...(options.execArgv ?? [])];
      return spawn(options.execPath ?? process.execPath, [...execArgv, runtimeClient], {
        cwd: specification.taskRoot,
        env: { ...foundations(), ...specification.variables, AWS_LAMBDA_RUNTIME_API: address },
        // Descriptor 3 only tells the child that its parent is alive.
        stdio: ["ignore", "pipe", "pipe", "pipe"],
      });
    }

    function exited(reason: string): void {
      if (isOver) return;
      close();
      observer.exited(reason);
    }

    function close(): void {
      isOver = true;
      api.close();
    }

    function unlessOver<Arguments extends unknown[]>(
      callback: (...given: Arguments) => void,
    ): (...given: Arguments) => void {
      return (...given) => {
        if (!isOver) callback(...given);
      };
    }

    return {
      invoke: (invocation) => api.invoke(invocation),
      kill() {
        close();
        child?.kill("SIGKILL");
      },
    };
  }

  return { launch };
}

/** Lambda's own runtime leaves about a tenth of the memory to what is not heap. */
const shareOfHeap = 0.9;

/**
 * The SDK looks for profiles in the home directory, which it finds without HOME too; a function must not meet the
 * developer's. Windows cannot open a socket without SystemRoot.
 */
function foundations(): Record<string, string> {
  const systemRoot = process.platform === "win32" ? process.env["SystemRoot"] : undefined;
  return {
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    ...(systemRoot !== undefined && { SystemRoot: systemRoot }),
  };
}

const names: Readonly<Record<string, string>> = {
  SIGKILL: "killed",
  SIGABRT: "aborted",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
  SIGINT: "interrupt",
};

const describe = (signal: string): string => `signal: ${names[signal] ?? signal}`;

function eachLine(stream: Readable | null, take: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
  stream?.on("end", () => {
    if (rest !== "") take(rest);
  });
}

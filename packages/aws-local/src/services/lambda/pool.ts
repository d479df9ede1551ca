/**
 * The execution environments of all functions: one environment runs one invocation at a time, is used again while warm,
 * and is shut down after it was idle for some minutes. Time-outs hang on the region's clock.
 */
import type { Timer } from "../../clock.ts";
import type { Metrics, Surroundings } from "../../region.ts";
import type { Answer, EnvironmentLauncher, ExecutionEnvironment, FunctionFailure } from "./environment.ts";
import { type Credentials, environmentVariables, type LambdaFunction } from "./function.ts";
import { createInvocationLog, type InvocationLog } from "./log.ts";
import { exitError, isTooLarge, type Result, responseTooLarge, timedOut, type Work } from "./work.ts";

export interface PoolOptions {
  readonly launcher: EnvironmentLauncher;
  readonly credentialsFor?: ((roleArn: string, sessionName: string) => Credentials) | undefined;
  readonly log?: ((functionName: string, line: string) => void) | undefined;
  readonly metrics?: Metrics | undefined;
  /** Milliseconds. AWS promises none and is seen to take five minutes and more. */
  readonly idleTimeout?: number | undefined;
  /** Milliseconds. AWS gives initialisation 10 s (developer guide, Lambda runtime environment lifecycle). */
  readonly initTimeout?: number | undefined;
}

interface Environment {
  readonly handle: ExecutionEnvironment;
  readonly generation: number;
  readonly startedAt: number;
  isInitialised: boolean;
  current: Current | undefined;
  timer: Timer | undefined;
}

interface Current {
  readonly work: Work;
  readonly log: InvocationLog;
  readonly done: (result: Result) => void;
  begunAt: number;
}

interface Fleet {
  /** Those at rest; the one that rested last is used first. */
  readonly idle: Environment[];
  readonly busy: Set<Environment>;
  coldStarts: number;
}

export type Pool = ReturnType<typeof createPool>;

export function createPool(surroundings: Surroundings, options: PoolOptions) {
  const { clock, random, region } = surroundings;
  const idleTimeout = options.idleTimeout ?? 420_000;
  const initTimeout = options.initTimeout ?? 10_000;
  const fleets = new Map<LambdaFunction, Fleet>();

  function fleetOf(target: LambdaFunction): Fleet {
    const known = fleets.get(target);
    if (known !== undefined) return known;
    const created: Fleet = { idle: [], busy: new Set(), coldStarts: 0 };
    fleets.set(target, created);
    return created;
  }

  /** Runs one invocation; the caller has made sure that the concurrency allows it. */
  function run(target: LambdaFunction, work: Work, done: (result: Result) => void): void {
    const fleet = fleetOf(target);
    const log = createInvocationLog((line) => options.log?.(target.name, line));
    const current: Current = { work, log, done, begunAt: clock.now() };
    discardOutdated(target, fleet);
    const warm = fleet.idle.pop();
    if (warm === undefined) startCold(target, fleet, current);
    else {
      warm.timer?.cancel();
      warm.current = current;
      fleet.busy.add(warm);
      begin(target, fleet, warm);
    }
  }

  function startCold(target: LambdaFunction, fleet: Fleet, current: Current): void {
    fleet.coldStarts += 1;
    const logStream = `${new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${random.hex(32)}`;
    const credentials = options.credentialsFor?.(target.configuration.role, target.name);
    const environment: Environment = {
      handle: options.launcher.launch(
        {
          functionName: target.name,
          handler: target.configuration.handler,
          taskRoot: target.code.taskRoot,
          memorySize: target.configuration.memorySize,
          variables: environmentVariables(target, { region, logStream, credentials }),
          log: (line) => logLine(target, environment, line),
        },
        {
          initialised: () => begin(target, fleet, environment),
          initFailed: (failure) => endWith(target, fleet, environment, failure),
          answered: (answer) => finish(target, fleet, environment, answer),
          exited: (reason) => exited(target, fleet, environment, reason),
        },
      ),
      generation: target.generation,
      startedAt: clock.now(),
      isInitialised: false,
      current,
      timer: undefined,
    };
    fleet.busy.add(environment);
    environment.timer = clock.after(initTimeout, () =>
      endWith(target, fleet, environment, timedOut(current.work, initTimeout)),
    );
  }

  function logLine(target: LambdaFunction, environment: Environment, line: string): void {
    if (environment.current === undefined) options.log?.(target.name, line);
    else environment.current.log.line(line);
  }

  function begin(target: LambdaFunction, fleet: Fleet, environment: Environment): void {
    const { current } = environment;
    environment.timer?.cancel();
    if (current === undefined) return;
    const { work, log } = current;
    const timeout = target.configuration.timeout * 1000;
    log.start(work.requestId, environment.isInitialised ? undefined : clock.now() - environment.startedAt);
    environment.isInitialised = true;
    current.begunAt = clock.now();
    environment.timer = clock.after(timeout, () => endWith(target, fleet, environment, timedOut(work, timeout)));
    environment.handle.invoke({
      requestId: work.requestId,
      payload: work.payload,
      functionArn: target.arn,
      deadline: clock.now() + timeout,
      traceHeader: work.traceHeader,
      clientContext: work.clientContext,
    });
  }

  /** An answer leaves the environment warm, also when it is an error. */
  function finish(target: LambdaFunction, fleet: Fleet, environment: Environment, answer: Answer): void {
    environment.timer?.cancel();
    fleet.busy.delete(environment);
    const { current } = environment;
    environment.current = undefined;
    rest(target, fleet, environment);
    if (current === undefined) return;
    if (answer.kind === "error") report(target, current, answer.failure);
    else if (isTooLarge(answer.payload)) report(target, current, responseTooLarge(answer.payload));
    else report(target, current, undefined, answer.payload);
  }

  function rest(target: LambdaFunction, fleet: Fleet, environment: Environment): void {
    if (environment.generation !== target.generation || !fleets.has(target)) {
      environment.handle.kill();
      return;
    }
    fleet.idle.push(environment);
    environment.timer = clock.after(idleTimeout, () => {
      fleet.idle.splice(fleet.idle.indexOf(environment), 1);
      environment.handle.kill();
    });
  }

  /** The environment is lost with this invocation. */
  function endWith(target: LambdaFunction, fleet: Fleet, environment: Environment, failure: FunctionFailure): void {
    environment.timer?.cancel();
    environment.handle.kill();
    fleet.busy.delete(environment);
    const { current } = environment;
    environment.current = undefined;
    if (current !== undefined) report(target, current, failure);
  }

  function exited(target: LambdaFunction, fleet: Fleet, environment: Environment, reason: string): void {
    const index = fleet.idle.indexOf(environment);
    if (index >= 0) fleet.idle.splice(index, 1);
    endWith(target, fleet, environment, exitError(environment.current?.work.requestId ?? "", reason));
  }

  function report(target: LambdaFunction, current: Current, failure: FunctionFailure | undefined, payload = ""): void {
    const duration = clock.now() - current.begunAt;
    if (failure !== undefined) current.log.failure(current.work.requestId, failure);
    current.log.end(current.work.requestId, duration, target.configuration.memorySize);
    measure(target, failure !== undefined, duration);
    const body = failure === undefined ? payload : JSON.stringify(failure);
    current.done({ requestId: current.work.requestId, payload: body, failure, logTail: current.log.tail() });
  }

  function measure(target: LambdaFunction, isError: boolean, duration: number): void {
    const dimensions = { FunctionName: target.name };
    options.metrics?.put("AWS/Lambda", "Invocations", 1, dimensions);
    options.metrics?.put("AWS/Lambda", "Errors", isError ? 1 : 0, dimensions);
    options.metrics?.put("AWS/Lambda", "Duration", duration, dimensions);
  }

  function discardOutdated(target: LambdaFunction, fleet: Fleet): void {
    for (const environment of fleet.idle.filter((other) => other.generation !== target.generation))
      discard(fleet, environment);
  }

  function discard(fleet: Fleet, environment: Environment): void {
    environment.timer?.cancel();
    fleet.idle.splice(fleet.idle.indexOf(environment), 1);
    environment.handle.kill();
  }

  /** Ends all environments of a function as `kill -9` would, those in the middle of an invocation too. */
  function kill(target: LambdaFunction): void {
    const fleet = fleetOf(target);
    for (const environment of [...fleet.idle]) discard(fleet, environment);
    for (const environment of [...fleet.busy]) {
      environment.handle.kill();
      exited(target, fleet, environment, "signal: killed");
    }
  }

  /** The function is deleted; what runs may end. */
  function forget(target: LambdaFunction): void {
    const fleet = fleetOf(target);
    for (const environment of [...fleet.idle]) discard(fleet, environment);
    fleets.delete(target);
  }

  /** Ends every environment without a word; the region is closed. */
  function stop(): void {
    for (const fleet of fleets.values())
      for (const environment of [...fleet.idle, ...fleet.busy]) {
        environment.timer?.cancel();
        environment.handle.kill();
      }
    fleets.clear();
  }

  return {
    run,
    kill,
    forget,
    stop,
    concurrent: (target: LambdaFunction) => fleets.get(target)?.busy.size ?? 0,
    warm: (target: LambdaFunction) => fleets.get(target)?.idle.length ?? 0,
    coldStarts: (target: LambdaFunction) => fleets.get(target)?.coldStarts ?? 0,
  };
}

/**
 * Warden's functions in the process of a virtual world: what its Lambda invokes in place of their bundles. Each has its own
 * environment's variables and credentials, as on AWS, and what befalls its calls comes from outside.
 */
import { SNSClient } from "@aws-sdk/client-sns";
import { notificationsPort, paced, unpaced } from "@warden/aws";
import type { Random, VirtualClock } from "@warden/aws-local";
import { currentInvocation } from "@warden/aws-local/services/lambda/in-process";
import type { Caller } from "@warden/aws-local/wire/in-process";
import type { Deps } from "@warden/control";
import { type FunctionName, functions, type WardenFunction } from "@warden/functions/catalogue";
import { heartbeatHandler } from "@warden/functions/heartbeat";
import { notifyHandler } from "@warden/functions/notify";
import { reconcileHandler } from "@warden/functions/reconcile";
import { sweepHandler } from "@warden/functions/sweep";
import type { Context } from "aws-lambda";
import { addCallPoints, type CallPoints } from "./call-points.ts";
import { registeredDocumentsSchema } from "./deployment.ts";
import type { DepsOptions, Loop, Notifier, SdkClient } from "./loop.ts";
import type { Quiescence } from "./quiescence.ts";
import { collectingLog, type LogLine, quietLoop, quietTools } from "./quiet-loop.ts";
import { sweepPortsOf } from "./sweep-ports.ts";

export interface FunctionsWorld {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly logs: LogLine[];
  /** Whether there are request limits to keep below. */
  readonly limited: boolean;
  readonly callPoints: CallPoints;
  readonly track: Quiescence["track"];
  /** In the time of the function that is being invoked: it ends with it. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  clientFor(caller: Caller): DepsOptions["client"];
  /** How its calls get to the embedded AWS. */
  carry(client: SdkClient, caller: Caller): void;
  /** Its process dies. */
  kill(functionName: string): void;
  readonly mutate: ((deps: Deps, who: FunctionName) => Deps) | undefined;
  readonly around: Around | undefined;
}

type Around = (name: FunctionName, event: unknown, invocation: () => Promise<unknown>) => Promise<unknown>;
type Variables = Readonly<Record<string, string>>;
type Handler = (event: unknown, lambda: Context) => unknown;

/** @returns undefined for what is no function of Warden's */
export function inProcessFunctions(world: FunctionsWorld) {
  return (functionName: string, variables: Variables): Handler | undefined => {
    const found = functions.find((each) => functionName.endsWith(`-${each.name}`));
    if (found === undefined) return undefined;
    const own = surroundingsOf(found.name, functionName, variables, world);
    const handler =
      found.trigger.kind === "own event"
        ? asHandler(notifyHandler(notifierOf(own, variables)))
        : loopHandler(found, { ...own, deployment: deploymentIn(variables) }, world);
    const { around } = world;
    if (around === undefined) return handler;
    return (event, lambda) => around(found.name, event, async () => handler(event, lambda));
  };
}

/** What a function is made with, whatever it does. */
type Surroundings = Omit<DepsOptions, "deployment">;

function surroundingsOf(
  name: FunctionName,
  functionName: string,
  variables: Variables,
  { clock, random, logs, limited, callPoints, track, sleep, clientFor, carry, kill }: FunctionsWorld,
): Surroundings {
  const caller: Caller = {
    credentials: credentialsIn(variables),
    traceHeader: () => currentInvocation()?.traceHeader,
  };
  return {
    client: clientFor(caller),
    // Paced as on AWS where there is something to keep below.
    pace: limited ? paced(Number(variables["WARDEN_SHARE"]), { now: clock.now, sleep }) : unpaced,
    prepare(each) {
      addCallPoints(each, { functionName: name, kill: () => kill(functionName), sleep, track }, callPoints);
      carry(each, caller);
    },
    log: collectingLog(logs),
    now: clock.now,
    id: () => random.hex(12),
  };
}

function loopHandler(found: WardenFunction, own: DepsOptions, { mutate }: FunctionsWorld): Handler {
  const whole = quietLoop(own);
  return handlerOf(found, { ...whole, deps: mutate?.(whole.deps, found.name) ?? whole.deps }, own);
}

function handlerOf({ trigger, entry }: WardenFunction, loop: Loop, own: DepsOptions): Handler {
  if (trigger.kind === "lane") return asHandler(reconcileHandler(trigger.lane, loop));
  return entry === "sweep" ? asHandler(sweepHandler(loop, sweepPortsOf(own))) : asHandler(heartbeatHandler(loop));
}

function notifierOf(own: Surroundings, variables: Variables): Notifier {
  const topic = new SNSClient(own.client);
  own.prepare?.(topic);
  const notifications = notificationsPort(topic, variables["WARDEN_TOPIC"] ?? "");
  return { ...quietTools(), stage: variables["WARDEN_STAGE"] ?? "", notifications };
}

/** The runtime hands a handler whatever its event source made; no type can vouch for it, here as little as in Lambda. */
function asHandler<Event>(handler: (event: Event, context: Context) => unknown): Handler {
  return (event, context) => handler(event as Event, context);
}

// ---- Variables of its environment -------------------------------------------------------------------------------------------

const credentialsIn = (variables: Variables) => ({
  accessKeyId: variables["AWS_ACCESS_KEY_ID"] ?? "",
  secretAccessKey: variables["AWS_SECRET_ACCESS_KEY"] ?? "",
  sessionToken: variables["AWS_SESSION_TOKEN"] ?? "",
});

function deploymentIn(variables: Variables): DepsOptions["deployment"] {
  const value = (name: string): string => variables[name] ?? "";
  return {
    table: value("WARDEN_TABLE"),
    bus: value("WARDEN_BUS"),
    documents: registeredDocumentsSchema().parse(JSON.parse(value("WARDEN_DOCUMENTS"))),
    queueUrls: { urgent: value("WARDEN_URGENT_QUEUE"), normal: value("WARDEN_NORMAL_QUEUE") },
  };
}

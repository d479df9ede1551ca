/**
 * The whole graph of a stage without AWS: SST's real platform runs `sst.config.ts` under Pulumi's mocks. What is internal to SST
 * (files of the platform, methods that its components call on the command) is used in this file alone; `sst` is pinned.
 */
import { existsSync } from "node:fs";
import type { Stage } from "../../stacks/stage.ts";
import { answersOf, stateOf } from "./pretended-aws.ts";
import { pretendCommand } from "./pretended-command.ts";

export interface Resource {
  /** Pulumi's, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
  readonly parent: string;
  /** Empty for the app's own. */
  readonly provider: string;
  readonly protect: boolean;
  readonly retained: boolean;
  /** Names of what must be there before it. */
  readonly dependencies: readonly string[];
}

/** As a provider is given them, secrets opened. What is known of their shape is what a test asks. */
// biome-ignore lint/suspicious/noExplicitAny: a provider's inputs have no types here
export type Inputs = Readonly<Record<string, any>>;

export interface Graph {
  readonly stage: string;
  readonly resources: readonly Resource[];
  readonly app: { readonly removal: string; readonly protect: boolean; readonly version: string };
  /** The handlers that SST was asked to bundle. */
  readonly built: readonly string[];
  readonly outputs: Inputs;
}

export interface How {
  readonly dev?: boolean;
  /** A stage that nobody deploys by its name. */
  readonly whole?: Stage;
}

const root = new URL("../../", import.meta.url);
const platform = new URL(".sst/platform/", root);
/** By a name that is only known when it runs: the types of the house do without the platform. */
const load = (path: string): Promise<Inputs> => import(/* @vite-ignore */ new URL(path, root).href);
const ofPlatform = (path: string): Promise<Inputs> => load(`.sst/platform/${path}`);

/** One in each process: SST keeps what is made once for an app in variables of its modules. */
export async function graphOf(stage: string, how: How = {}): Promise<Graph> {
  if (!existsSync(platform)) throw new Error("SST's platform is not installed: run `npm run platform`");
  const command = await pretendCommand();
  try {
    const { app, config } = await configured(stage, how.dev === true);
    const pulumi = await ofPlatform("node_modules/@pulumi/pulumi/index.js");
    await offer(pulumi);
    const seen = await mocked(pulumi, app.name, stage);
    const { run } = await ofPlatform("src/auto/run.ts");
    const { whole: other } = how;
    const outputs = await pulumi["runtime"].runInPulumiStack(() => run(other ? wholeOf(other) : config["run"]));
    // Registrations go on inside of `apply`: this waits for all of them.
    await pulumi["runtime"].disconnect();
    return { stage, app, outputs, built: command.built, resources: seen() };
  } finally {
    await command.close();
  }
}

/** In place of what `sst.config.ts` makes of the stage's name. */
const wholeOf = (stage: Stage) => async () => {
  const { functionDefaults } = await load("stacks/function-defaults.ts");
  const { whole } = await load("stacks/whole.ts");
  functionDefaults();
  return whole(stage);
};

async function configured(
  stage: string,
  dev: boolean,
): Promise<{ app: Graph["app"] & { name: string }; config: Inputs }> {
  Object.assign(globalThis, { $config: (config: unknown) => config });
  const { default: config } = await load("sst.config.ts");
  const app = { stage, ...config.app({ stage }) };
  const home = new URL(root).pathname.replace(/\/$/, "");
  const paths = { home, root: home, work: `${home}/.sst`, platform: new URL(platform).pathname.replace(/\/$/, "") };
  Object.assign(globalThis, {
    ...{ $app: app, $dev: dev, $cli: { command: dev ? "dev" : "deploy", dev, paths, state: { version: {} } } },
  });
  return { app, config };
}

/** What SST gives each config as globals. */
async function offer(pulumi: Inputs): Promise<void> {
  const { output, all, interpolate, concat, jsonParse, jsonStringify } = pulumi;
  Object.assign(globalThis, {
    ...{ $util: pulumi, $output: output, $resolve: all, $interpolate: interpolate, $concat: concat },
    ...{ $jsonParse: jsonParse, $jsonStringify: jsonStringify },
    aws: await ofPlatform("node_modules/@pulumi/aws/index.js"),
    random: await ofPlatform("node_modules/@pulumi/random/index.js"),
  });
  Object.assign(globalThis, { sst: await ofPlatform("src/components/index.ts") });
  const { $transform, $asset } = await ofPlatform("src/components/component.ts");
  Object.assign(globalThis, { $transform, $asset });
}

/** Everything that is registered, with the options that Pulumi's mocks are not told of. @returns what was seen */
async function mocked(pulumi: Inputs, app: string, stage: string): Promise<() => readonly Resource[]> {
  const found: { type: string; name: string; inputs: Inputs }[] = [];
  const options = new Map<string, Pick<Resource, "parent" | "provider" | "protect" | "retained" | "dependencies">>();
  const { runtime } = pulumi;
  const newResource = ({ type, name, id, inputs }: Inputs) => {
    // With an id it is one that is there already and is only read.
    if (!id) found.push({ type, name, inputs: opened(inputs) });
    return stateOf({ type, name, id, inputs: opened(inputs) });
  };
  const call = ({ token, inputs }: Inputs) => answersOf(token, inputs);
  await runtime.setMocks({ newResource, call }, app, stage, false, "organization");
  const monitor = runtime.getMonitor();
  // As the engine names them, without the stack's own type: SST finds out the types of links from it.
  monitor.newUrn = (parent: string, type: string, name: string) => {
    const above = parent.includes("::pulumi:pulumi:Stack::") ? undefined : parent.split("::")[2];
    return `urn:pulumi:${stage}::${app}::${above ? `${above}$` : ""}${type}::${name}`;
  };
  const { registerResource } = monitor;
  monitor.registerResource = function register(this: unknown, request: Inputs, done: unknown) {
    options.set(`${request["getType"]()}|${request["getName"]()}`, {
      parent: request["getParent"](),
      provider: request["getProvider"](),
      protect: request["getProtect"]() === true,
      retained: request["getRetainondelete"]() === true,
      dependencies: request["getDependenciesList"]().map((urn: string) => urn.split("::").at(-1)),
    });
    return registerResource.call(this, request, done);
  };
  const none = { parent: "", provider: "", protect: false, retained: false, dependencies: [] };
  return () => found.map((each) => ({ ...each, ...(options.get(`${each.type}|${each.name}`) ?? none) }));
}

/** Pulumi marks secrets by a signature beside the value. */
const signature = "4dabf18193072939515e22adb298388d";

function opened<Value>(value: Value): Value;
function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  if (signature in value && "value" in value) return opened(value.value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, opened(each)]));
}

#!/usr/bin/env node
/**
 * A test double of Pulumi's command, for SST's command to start: runs the program that SST built of `sst.config.ts` under
 * Pulumi's mocks, and leaves what SST reads afterwards. It deploys nothing. The program's mocks are those of the graph
 * (`pretended-aws.ts`). Never on PATH: the test lays it where SST looks.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const words = process.argv.slice(2);
/** SST's program changes the working directory. */
const begun = process.cwd();
if (words[0] === "version") console.log("v3.215.0");
else if (words[0] === "stack") initialise(words[2]);
else await run();

function initialise(stack) {
  writeState(stack, []);
}

async function run() {
  const program = readFileSync(projectFile(begun), "utf8").match(/main: (.*)/)[1];
  const pulumi = createRequire(program)("@pulumi/pulumi");
  const { answersOf, stateOf } = await import(process.env.WARDEN_PRETENDED_AWS);
  const registered = [];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, id, inputs }) {
        registered.push({ type, name });
        return stateOf({ type, name, id, inputs: opened(inputs) });
      },
      call: ({ token, inputs }) => answersOf(token, inputs),
    },
    ...["warden", "ci", words[0] === "preview", "organization"],
  );
  const components = watch(pulumi.runtime.getMonitor());
  await pulumi.runtime.runInPulumiStack(async () => (await import(pathToFileURL(program))).default);
  await pulumi.runtime.disconnect();
  logEvents(registered);
  writeState(words[words.indexOf("--stack") + 1], components());
}

/** @returns the components with their outputs, of which SST writes the types of links */
function watch(monitor) {
  const outputs = new Map();
  const found = new Map();
  const { registerResource, registerResourceOutputs } = monitor;
  monitor.registerResource = function register(request, done) {
    return registerResource.call(this, request, (error, answer) => {
      if (answer && !request.getCustom())
        found.set(answer.getUrn(), { urn: answer.getUrn(), custom: false, type: request.getType() });
      done(error, answer);
    });
  };
  monitor.registerResourceOutputs = function register(request, done) {
    outputs.set(request.getUrn(), request.getOutputs()?.toJavaScript() ?? {});
    return registerResourceOutputs.call(this, request, done);
  };
  return () => [...found.values()].map((each) => ({ ...each, outputs: opened(outputs.get(each.urn)) ?? {} }));
}

function logEvents(registered) {
  const events = registered.map(({ type, name }) => {
    const urn = `urn:pulumi:ci::warden::${type}::${name}`;
    const made = { type, urn, inputs: {}, outputs: {}, parent: "", provider: "" };
    return {
      resourcePreEvent: { metadata: { op: "create", urn, type, old: null, new: made, provider: "" }, planning: true },
    };
  });
  const resourceChanges = { create: registered.length };
  events.push({ summaryEvent: { maybeCorrupt: false, durationSeconds: 0, resourceChanges, PolicyPacks: {} } });
  const lines = events.map((event, sequence) => JSON.stringify({ sequence, timestamp: 0, ...event }));
  appendFileSync(words[words.indexOf("--event-log") + 1], `${lines.join("\n")}\n`);
}

function writeState(stack, resources) {
  const [, app, stage] = stack.split("/");
  const folder = join(begun, ".pulumi/stacks", app);
  mkdirSync(folder, { recursive: true });
  const manifest = { time: new Date(0).toISOString(), magic: "", version: "v3.215.0" };
  const checkpoint = { stack, latest: { manifest, resources } };
  writeFileSync(join(folder, `${stage}.json`), JSON.stringify({ version: 3, checkpoint }));
}

function projectFile(folder) {
  const file = join(folder, "Pulumi.yaml");
  return existsSync(file) ? file : projectFile(dirname(folder));
}

/** Pulumi marks secrets by a signature beside the value. */
function opened(value) {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value) return opened(value.value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, opened(each)]));
}

/** A small region for the tests: instances that are only records, machines behind them, events that are kept. */
import type * as ssm from "@aws-sdk/client-ssm";
import { type VirtualClock, virtualClock } from "../../src/clock.ts";
import { createMachine, type Machine } from "../../src/hosts/machine.ts";
import { awsProfile, type MachineProfile } from "../../src/hosts/profile.ts";
import type { Program } from "../../src/hosts/software.ts";
import { seededRandom } from "../../src/random.ts";
import type { Instance, InstanceState, Instances, ServiceEvent, Surroundings, Timings } from "../../src/region.ts";
import type { Call, EmbeddedService, Operations, Validated } from "../../src/service.ts";
import { createSsm } from "../../src/services/ssm/index.ts";
import { noDelays } from "../../src/timings.ts";

const startAt = Date.parse("2026-03-02T08:00:00Z");
const at = (milliseconds: number) => ({ low: milliseconds, high: milliseconds });

const timings: Timings = { ...noDelays, commandDelivery: at(2_000), commandVisible: at(1_500) };

type SsmOperation = keyof Operations<typeof ssm>;
type Answer<Name extends SsmOperation> = Awaited<ReturnType<NonNullable<Operations<typeof ssm>[Name]>>>;
export type Question<Name extends SsmOperation> = Parameters<NonNullable<Operations<typeof ssm>[Name]>>[0];

export interface TestRegion {
  readonly clock: VirtualClock;
  readonly events: ServiceEvent[];
  readonly service: EmbeddedService;
  /** Launches an instance whose machine is powered on, and gives its id. */
  launch(options?: {
    profile?: MachineProfile;
    tags?: Record<string, string>;
    programs?: Record<string, Program>;
  }): string;
  /** Launches that many machines whose agents are online. */
  online(
    count: number,
    options?: { tags?: Record<string, string>; programs?: Record<string, Program> },
  ): Promise<string[]>;
  machine(instanceId: string): Machine;
  setState(instanceId: string, state: InstanceState): void;
  call<Name extends SsmOperation>(name: Name, input: Question<Name>): Promise<Answer<Name>>;
}

const profile: MachineProfile = { ...awsProfile, boot: at(20_000), agentStart: at(10_000) };
const caller: Call = { principal: { kind: "user" }, requestId: "request" };

export function testRegion(overrides: Partial<Timings> = {}): TestRegion {
  const clock = virtualClock({ startAt });
  const random = seededRandom(7);
  const machines = new Map<string, Machine>();
  const states = new Map<string, InstanceState>();
  const events: ServiceEvent[] = [];
  const surroundings: Surroundings = {
    clock,
    random,
    region: "eu-west-1",
    account: "123456789012",
    timings: { ...timings, ...overrides },
  };

  function find(instanceId: string): Instance | undefined {
    const machine = machines.get(instanceId);
    return machine && { ...machine.instance, state: states.get(instanceId) ?? "running" };
  }

  const system = createSsm(surroundings, {
    hosts: { find: (instanceId) => machines.get(instanceId) },
    instances: instancesWith(find),
    events: { emit: (event) => void events.push(event) },
  });
  const operations = system.service.operations;

  function launch(
    options: { profile?: MachineProfile; tags?: Record<string, string>; programs?: Record<string, Program> } = {},
  ): string {
    const instance = newInstance(`i-${random.hex(17)}`, machines.size, options.tags ?? {});
    const machine = createMachine({
      clock,
      random,
      instance,
      agents: system.agents,
      profile: options.profile ?? profile,
      install: () => ({ programs: options.programs ?? {} }),
    });
    machines.set(instance.instanceId, machine);
    machine.powerOn();
    return instance.instanceId;
  }

  async function call<Name extends SsmOperation>(name: Name, input: Question<Name>): Promise<Answer<Name>> {
    const operation = operations[name] as ((input: unknown, call: Call) => unknown) | undefined;
    if (operation === undefined) throw new Error(`${name} is not modelled`);
    return (await operation(input, caller)) as Answer<Name>;
  }

  return {
    clock,
    events,
    service: system.service,
    launch,
    async online(count, options = {}) {
      const instanceIds = Array.from({ length: count }, () => launch(options));
      await clock.advance(30_000);
      return instanceIds;
    },
    machine(instanceId) {
      const machine = machines.get(instanceId);
      if (machine === undefined) throw new Error(`no machine ${instanceId}`);
      return machine;
    },
    setState: (instanceId, state) => void states.set(instanceId, state),
    call,
  };
}

const newInstance = (instanceId: string, index: number, tags: Record<string, string>): Instance => ({
  instanceId,
  privateIp: `10.0.${index >> 8}.${index & 255}`,
  launchedAt: startAt,
  state: "running",
  launchTemplate: undefined,
  imageId: "ami-0123456789abcdef0",
  instanceType: "t3.small",
  availabilityZone: "eu-west-1a",
  subnetId: "subnet-0123456789abcdef0",
  tags,
  userData: undefined,
  roleName: "moodle-node",
  spot: false,
});

function instancesWith(find: Instances["find"]): Instances {
  const unused = (): never => {
    throw new Error("Systems Manager only looks instances up");
  };
  return {
    find,
    launch: unused,
    terminate: unused,
    stop: unused,
    start: unused,
    findByIp: unused,
    setStatusChecks: unused,
    statusChecks: unused,
    onStateChange: unused,
  };
}

/** A document of one script, with the given parameters. */
export const scriptDocument = (options: {
  name?: string;
  timeoutSeconds?: number;
  parameters?: Record<string, unknown>;
  script?: string[];
}): Validated<ssm.CreateDocumentRequest> => ({
  Name: options.name ?? "Test",
  DocumentType: "Command",
  Content: JSON.stringify({
    schemaVersion: "2.2",
    parameters: options.parameters ?? {},
    mainSteps: [
      {
        action: "aws:runShellScript",
        name: "work",
        inputs: { timeoutSeconds: String(options.timeoutSeconds ?? 60), runCommand: options.script ?? ["true"] },
      },
    ],
  }),
});

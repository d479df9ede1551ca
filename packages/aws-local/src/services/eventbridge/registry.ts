/** The buses, their rules and the rules' targets. */
import * as sdk from "@aws-sdk/client-eventbridge";
import type { Timer } from "../../clock.ts";
import type { Surroundings } from "../../region.ts";
import type { EventPattern } from "./pattern.ts";
import type { Schedule } from "./schedule.ts";

export interface Bus {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly createdAt: Date;
  readonly rules: Map<string, Rule>;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly targets: Map<string, sdk.Target>;
  pattern: EventPattern | undefined;
  schedule: Schedule | undefined;
  description: string | undefined;
  enabled: boolean;
  /** Until the schedule's next event. */
  timer: Timer | undefined;
}

export interface Registry {
  readonly buses: ReadonlyMap<string, Bus>;
  addBus(name: string, description: string | undefined): Bus;
  deleteBus(name: string): void;
  /** By name or ARN, `default` where none is named; throws where there is no such bus. */
  bus(nameOrArn: string | undefined): Bus;
  rule(name: string, busNameOrArn: string | undefined): Rule;
  /** The tags of a bus or rule; throws where there is no such resource. */
  tags(arn: string): Map<string, string>;
}

export function registry(surroundings: Surroundings): Registry {
  const { clock, region, account } = surroundings;
  const buses = new Map<string, Bus>();
  const tags = new Map<string, Map<string, string>>();

  function addBus(name: string, description: string | undefined): Bus {
    if (buses.has(name))
      throw new sdk.ResourceAlreadyExistsException({ message: `Event bus ${name} already exists.`, $metadata: {} });
    const arn = `arn:aws:events:${region}:${account}:event-bus/${name}`;
    const bus = { name, arn, description, createdAt: new Date(clock.now()), rules: new Map() };
    buses.set(name, bus);
    return bus;
  }

  function bus(nameOrArn = "default"): Bus {
    const name = busName(nameOrArn);
    const found = buses.get(name);
    if (found === undefined) throw notFound(`Event bus ${name} does not exist.`);
    return found;
  }

  function rule(name: string, busNameOrArn: string | undefined): Rule {
    const { rules, name: onBus } = bus(busNameOrArn);
    const found = rules.get(name);
    if (found === undefined) throw notFound(`Rule ${name} does not exist on EventBus ${onBus}.`);
    return found;
  }

  function exists(arn: string): boolean {
    return [...buses.values()].some(
      (some) => some.arn === arn || [...some.rules.values()].some((onIt) => onIt.arn === arn),
    );
  }

  addBus("default", undefined);
  return {
    buses,
    addBus,
    deleteBus(name) {
      tags.delete(buses.get(name)?.arn ?? "");
      buses.delete(name);
    },
    bus,
    rule,
    tags(arn) {
      if (!exists(arn)) throw notFound(`Resource ${arn} does not exist.`);
      const known = tags.get(arn) ?? new Map<string, string>();
      tags.set(arn, known);
      return known;
    },
  };
}

/** `arn:aws:events:REGION:ACCOUNT:event-bus/NAME` or just the name. */
export const busName = (nameOrArn: string): string =>
  nameOrArn.startsWith("arn:") ? nameOrArn.slice(nameOrArn.indexOf("/") + 1) : nameOrArn;

/** Rules of the default bus leave the bus out of their ARN. */
export function ruleArn(surroundings: Surroundings, onBus: string, name: string): string {
  const path = onBus === "default" ? name : `${onBus}/${name}`;
  return `arn:aws:events:${surroundings.region}:${surroundings.account}:rule/${path}`;
}

const notFound = (message: string): sdk.ResourceNotFoundException =>
  new sdk.ResourceNotFoundException({ message, $metadata: {} });

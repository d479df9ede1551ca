/** Stopping, starting, rebooting and ending instances, and the attributes that bear on it. */
import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error.ts";
import type { InstanceState } from "../../region.ts";
import type { Operations } from "../../service.ts";
import {
  incorrectState,
  instancesNotFound,
  invalidParameterCombination,
  malformedInstanceId,
  notModelled,
} from "./errors.ts";
import { type InstanceRecord, stateOf } from "./instance-record.ts";
import type { InstanceStore } from "./instances.ts";
import { USER_INITIATED } from "./transitions.ts";

type InstanceOperations = Pick<
  Operations<typeof ec2>,
  | "DescribeInstanceAttribute"
  | "ModifyInstanceAttribute"
  | "RebootInstances"
  | "StartInstances"
  | "StopInstances"
  | "TerminateInstances"
>;

export function instanceOperations(store: InstanceStore): InstanceOperations {
  return {
    TerminateInstances(input) {
      const records = recordsOf(store, input.InstanceIds);
      const guarded = records.filter((record) => record.disableApiTermination);
      const spared = new Set(guarded.map((record) => record.instance.availabilityZone));
      // Protection also spares the others in its zone; those in other zones end all the same (EC2 User Guide, "Termination protection").
      const ending = records.filter((record) => !spared.has(record.instance.availabilityZone));
      const TerminatingInstances = changesOf(ending, (record) => store.terminate(record, USER_INITIATED));
      if (guarded[0] !== undefined) throw terminationDisabled(guarded[0]);
      return { TerminatingInstances };
    },

    StopInstances(input) {
      if (input.Hibernate === true) throw notModelled("Hibernation");
      const records = recordsOf(store, input.InstanceIds);
      const spot = records.find(({ instance }) => instance.spot);
      if (spot !== undefined) throw spotCannotStop(spot.instance.instanceId);
      requireState(records, ["running", "stopping", "stopped"], "stopped");
      const how = input.Force === true ? "kill" : "shutdown";
      return { StoppingInstances: changesOf(records, (record) => store.stop(record, USER_INITIATED, how)) };
    },

    StartInstances(input) {
      const records = recordsOf(store, input.InstanceIds);
      requireState(records, ["stopped", "pending", "running"], "started");
      return { StartingInstances: changesOf(records, (record) => store.start(record)) };
    },

    RebootInstances(input) {
      const records = recordsOf(store, input.InstanceIds);
      requireState(records, ["running"], "rebooted");
      for (const record of records) store.reboot(record);
      return {};
    },

    ModifyInstanceAttribute(input) {
      const [record] = recordsOf(store, [input.InstanceId]);
      const { DisableApiTermination, InstanceId, DryRun, ...others } = input;
      const unmodelled = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
      if (unmodelled !== undefined) throw notModelled(`Modifying an instance's ${unmodelled}`);
      if (DisableApiTermination?.Value === undefined) {
        throw invalidParameterCombination("No attributes specified.");
      }
      if (record !== undefined) record.disableApiTermination = DisableApiTermination.Value;
      return {};
    },

    DescribeInstanceAttribute(input) {
      const record = recordsOf(store, [input.InstanceId])[0];
      const described = record === undefined ? undefined : attributeOf(record, input.Attribute);
      if (described === undefined) throw notModelled(`An instance's attribute ${input.Attribute}`);
      return { InstanceId: input.InstanceId, ...described };
    },
  };
}

function attributeOf(record: InstanceRecord, name: string): Omit<ec2.InstanceAttribute, "InstanceId"> | undefined {
  const { instance } = record;
  if (name === "disableApiTermination") return { DisableApiTermination: { Value: record.disableApiTermination } };
  if (name === "instanceType") return { InstanceType: { Value: instance.instanceType } };
  if (name === "userData") return { UserData: { Value: instance.userData } };
  return undefined;
}

/** One unknown id spoils the whole call, and nothing happens to the others. */
export function recordsOf(store: InstanceStore, instanceIds: readonly string[]): readonly InstanceRecord[] {
  const malformed = instanceIds.find((id) => !/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
  if (malformed !== undefined) throw malformedInstanceId(malformed);
  const missing = instanceIds.filter((id) => store.get(id) === undefined);
  if (missing.length > 0) throw instancesNotFound(missing);
  return [...new Set(instanceIds)].map((id) => store.existing(id));
}

/** One instance in a wrong state spoils the whole call too. */
function requireState(
  records: readonly InstanceRecord[],
  allowed: readonly InstanceState[],
  done: Parameters<typeof incorrectState>[1],
): void {
  const wrong = records.find(({ instance }) => !allowed.includes(instance.state));
  if (wrong !== undefined) throw incorrectState(wrong.instance.instanceId, done);
}

/** What a call did to each instance; nothing, when it was done before. */
function changesOf(
  records: readonly InstanceRecord[],
  act: (record: InstanceRecord) => void,
): ec2.InstanceStateChange[] {
  return records.map((record) => {
    const previous = record.instance.state;
    act(record);
    return {
      InstanceId: record.instance.instanceId,
      PreviousState: stateOf(previous),
      CurrentState: stateOf(record.instance.state),
    };
  });
}

const terminationDisabled = ({ instance }: InstanceRecord): AwsError =>
  new AwsError(
    "OperationNotPermitted",
    `The instance '${instance.instanceId}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
  );

const spotCannotStop = (instanceId: string): AwsError =>
  new AwsError(
    "UnsupportedOperation",
    `You can't stop the Spot Instance '${instanceId}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
  );

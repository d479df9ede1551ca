/** Auto Scaling, as the loop needs it. */
import {
  type AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  paginateDescribeAutoScalingGroups,
  RecordLifecycleActionHeartbeatCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { AutoScalingPort, GroupFacts, InstanceFacts, LifecycleAction } from "@warden/control";
import { isFault } from "@warden/control";
import { type GroupName, type HookView, type InstanceId, instanceId } from "@warden/fleet";
import { calling } from "./classify.ts";
import type { Pace } from "./pacing.ts";
import { pagesOf } from "./pages.ts";

export function autoScalingPort(client: AutoScalingClient, pace: Pace): AutoScalingPort {
  return {
    async describeInstances(ids) {
      const facts = new Map<InstanceId, InstanceFacts>();
      // "You can specify up to 50 IDs" (DescribeAutoScalingInstances).
      for (const part of pagesOf(ids, 50)) {
        await pace.take("autoScaling");
        const answer = await calling("autoscaling:DescribeAutoScalingInstances", () =>
          client.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: part })),
        );
        for (const each of answer.AutoScalingInstances ?? []) {
          if (each.InstanceId === undefined || each.AutoScalingGroupName === undefined) continue;
          const { AutoScalingGroupName: group, LifecycleState: lifecycleState = "" } = each;
          facts.set(instanceId(each.InstanceId), { group, lifecycleState });
        }
      }
      return facts;
    },

    async describeGroups(names) {
      const groups = new Map<GroupName, GroupFacts>();
      const wanted = new Map<string, GroupName>(names.map((name) => [name, name]));
      for (const part of pagesOf(names, 50)) {
        await pace.take("autoScaling");
        await calling("autoscaling:DescribeAutoScalingGroups", async () => {
          for await (const page of paginateDescribeAutoScalingGroups({ client }, { AutoScalingGroupNames: part })) {
            for (const each of page.AutoScalingGroups ?? []) {
              const name = wanted.get(each.AutoScalingGroupName ?? "");
              if (name === undefined) continue;
              groups.set(name, {
                name,
                desired: each.DesiredCapacity ?? 0,
                min: each.MinSize ?? 0,
                max: each.MaxSize ?? 0,
                instances: (each.Instances ?? []).flatMap((instance) =>
                  instance.InstanceId === undefined
                    ? []
                    : [
                        {
                          instance: instanceId(instance.InstanceId),
                          lifecycleState: instance.LifecycleState ?? "",
                          isProtected: instance.ProtectedFromScaleIn === true,
                        },
                      ],
                ),
                protectsNew: each.NewInstancesProtectedFromScaleIn === true,
                targetGroupArns: each.TargetGroupARNs ?? [],
                healthCheckType: each.HealthCheckType ?? "",
                suspended: (each.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []),
              });
            }
          }
        });
      }
      return groups;
    },

    async describeHooks(group) {
      await pace.take("autoScaling");
      const answer = await calling("autoscaling:DescribeLifecycleHooks", () =>
        client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group })),
      );
      return (answer.LifecycleHooks ?? []).map(
        (hook): HookView => ({
          name: hook.LifecycleHookName ?? "",
          transition: hook.LifecycleTransition === "autoscaling:EC2_INSTANCE_LAUNCHING" ? "launching" : "terminating",
          timeout: (hook.HeartbeatTimeout ?? 3600) * 1000,
        }),
      );
    },

    async completeLifecycleAction(action, result) {
      await pace.take("completions");
      return unlessInactive("autoscaling:CompleteLifecycleAction", () =>
        client.send(new CompleteLifecycleActionCommand({ ...identified(action), LifecycleActionResult: result })),
      );
    },

    recordHeartbeat: (action) =>
      unlessInactive("autoscaling:RecordLifecycleActionHeartbeat", () =>
        client.send(new RecordLifecycleActionHeartbeatCommand(identified(action))),
      ),

    async terminateInstance(instance, shrink) {
      await pace.take("autoScaling");
      await calling("autoscaling:TerminateInstanceInAutoScalingGroup", () =>
        client.send(
          new TerminateInstanceInAutoScalingGroupCommand({
            InstanceId: instance,
            ShouldDecrementDesiredCapacity: shrink,
          }),
        ),
      );
    },

    async setDesiredCapacity(group, desired) {
      await pace.take("autoScaling");
      await calling("autoscaling:SetDesiredCapacity", () =>
        client.send(
          new SetDesiredCapacityCommand({
            AutoScalingGroupName: group,
            DesiredCapacity: desired,
            HonorCooldown: false,
          }),
        ),
      );
    },

    async suspendProcesses(group, processes) {
      await pace.take("autoScaling");
      const input = { AutoScalingGroupName: group, ScalingProcesses: [...processes] };
      await calling("autoscaling:SuspendProcesses", () => client.send(new SuspendProcessesCommand(input)));
    },

    async resumeProcesses(group, processes) {
      await pace.take("autoScaling");
      const input = { AutoScalingGroupName: group, ScalingProcesses: [...processes] };
      await calling("autoscaling:ResumeProcesses", () => client.send(new ResumeProcessesCommand(input)));
    },
  };
}

/**
 * Token and id both: the token names the one action, the id lets AWS find it when we know no token.
 */
function identified(action: LifecycleAction) {
  return {
    AutoScalingGroupName: action.group,
    LifecycleHookName: action.hook,
    InstanceId: action.instance,
    ...(action.token !== undefined && { LifecycleActionToken: action.token }),
  };
}

/** "No active Lifecycle Action found" comes as a ValidationError: for a completion it means "done already". */
async function unlessInactive(action: string, call: () => Promise<unknown>): Promise<"accepted" | "no-active-action"> {
  try {
    await calling(action, call);
    return "accepted";
  } catch (error) {
    if (isFault(error) && /No active Lifecycle Action/i.test(error.message)) return "no-active-action";
    throw error;
  }
}

/** Which alarms of CloudWatch are on. */
import {
  type CloudWatchClient,
  type DescribeAlarmsCommandInput,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import type { Alarm, AlarmsPort } from "@warden/control";
import { calling } from "./classify.ts";

export function alarmsPort(client: CloudWatchClient): AlarmsPort {
  return {
    on: () =>
      calling("cloudwatch:DescribeAlarms", async () => {
        const found: Alarm[] = [];
        // Without types it leaves composite alarms out (API reference, DescribeAlarms).
        const wanted: DescribeAlarmsCommandInput = {
          StateValue: "ALARM",
          AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
        };
        for await (const page of paginateDescribeAlarms({ client, pageSize: 100 }, wanted)) {
          const metric = page.MetricAlarms ?? [];
          // Whoever suppresses an alarm, or switches its actions off, wants nobody to act on it.
          const composite = (page.CompositeAlarms ?? []).filter(({ ActionsSuppressedBy: by }) => by === undefined);
          for (const { AlarmName: name, StateReason: reason = "", ActionsEnabled: acts } of [...metric, ...composite])
            if (name !== undefined && acts !== false) found.push({ name, reason });
        }
        return found;
      }),
  };
}

/** Which events Amazon's CloudWatch agent would send of a log, by the settings that the bundle has for it. */
import * as z from "zod";

const filter = z.strictObject({ type: z.enum(["include", "exclude"]), expression: z.string() });
const logFile = z.strictObject({
  file_path: z.string(),
  log_group_name: z.string(),
  log_stream_name: z.literal("{instance_id}"),
  multi_line_start_pattern: z.string().optional(),
  filters: z.array(filter).min(1).optional(),
});
type LogFile = z.output<typeof logFile>;

const agentSettings = z.strictObject({
  logs: z.strictObject({
    logs_collected: z.strictObject({ files: z.strictObject({ collect_list: z.array(logFile).min(1) }) }),
  }),
});

/** The files that are collected, by the last part of their group's name. */
export function collected(settings: string): ReadonlyMap<string, LogFile> {
  const { collect_list } = agentSettings.parse(JSON.parse(settings)).logs.logs_collected.files;
  return new Map(collect_list.map((each) => [each.log_group_name.replace(/^.*\//, ""), each]));
}

/** Its expressions are Go's; those that are used mean the same here. */
export function sent({ multi_line_start_pattern: start, filters = [] }: LogFile, text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => line !== "");
  const events: string[] = [];
  for (const line of lines) {
    const last = events.length - 1;
    if (start === undefined || last < 0 || new RegExp(start).test(line)) events.push(line);
    else events[last] += `\n${line}`;
  }
  return events.filter((event) =>
    filters.every(({ type, expression }) => new RegExp(expression).test(event) === (type === "include")),
  );
}

/**
 * One look of a metric alarm at its datapoints. Pure. The rules about missing data are those of the CloudWatch guide,
 * "Configuring how CloudWatch alarms treat missing data": real datapoints from a little farther back count before any
 * missing one is filled in.
 */

export interface Criteria {
  readonly comparison: Comparison;
  readonly threshold: number;
  /** N */
  readonly evaluationPeriods: number;
  /** M */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
}

export type TreatMissingData = "missing" | "ignore" | "breaching" | "notBreaching";

export type Comparison =
  | "GreaterThanOrEqualToThreshold"
  | "GreaterThanThreshold"
  | "LessThanThreshold"
  | "LessThanOrEqualToThreshold";

/** `retain`: the alarm stays as it is. */
type Verdict = "ALARM" | "OK" | "INSUFFICIENT_DATA" | "retain";

/** How many periods an alarm looks at, to have datapoints in the place of missing ones. */
export const evaluationRange = (evaluationPeriods: number): number => evaluationPeriods + 2;

/** `datapoints`: one a period of the evaluation range, newest first; undefined where it is missing. */
export function judge(datapoints: readonly (number | undefined)[], criteria: Criteria): Verdict {
  const real = datapoints.filter((value) => value !== undefined);
  if (real.length === 0) return whenAllMissing[criteria.treatMissingData];
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = criteria;
  const counted = real.slice(0, evaluationPeriods);
  const missing = evaluationPeriods - counted.length;
  const breaching = counted.filter((value) => breaches(value, criteria)).length;
  const assumed = treatMissingData === "breaching" ? missing : 0;
  if (breaching + assumed >= datapointsToAlarm) return "ALARM";
  if (missing === 0 || treatMissingData === "breaching" || treatMissingData === "notBreaching") return "OK";
  if (breaching < counted.length) return "OK";
  return treatMissingData === "missing" && isOldEnough(datapoints, datapointsToAlarm) ? "ALARM" : "retain";
}

const whenAllMissing: Readonly<Record<TreatMissingData, Verdict>> = {
  missing: "INSUFFICIENT_DATA",
  ignore: "retain",
  breaching: "ALARM",
  notBreaching: "OK",
};

/**
 * All datapoints there are breach, though they are fewer than M. The alarm goes off when the oldest of them is at
 * least M periods old (same guide, "Avoiding premature transitions to alarm state").
 */
function isOldEnough(datapoints: readonly (number | undefined)[], datapointsToAlarm: number): boolean {
  return datapoints.findLastIndex((value) => value !== undefined) + 1 >= datapointsToAlarm;
}

export function breaches(
  value: number,
  { comparison, threshold }: Pick<Criteria, "comparison" | "threshold">,
): boolean {
  switch (comparison) {
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "GreaterThanThreshold":
      return value > threshold;
    case "LessThanThreshold":
      return value < threshold;
    case "LessThanOrEqualToThreshold":
      return value <= threshold;
  }
}

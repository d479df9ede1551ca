/** Filters by time. What has not happened yet is in no interval. */
export const within = (at: number | undefined, after: Date | undefined, before: Date | undefined): boolean =>
  (after === undefined || (at !== undefined && at > after.getTime())) &&
  (before === undefined || (at !== undefined && at < before.getTime()));

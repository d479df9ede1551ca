/** What the panels call things. */
import type { Arrangement } from "../plan.ts";
import type { Cell } from "../schema.ts";
import { time } from "./panel.ts";

export const names: Readonly<Record<Arrangement, string>> = {
  shared: "shared files",
  redis: "Redis",
  local: "local disk",
};

export const told = ({ delay, median, least, most, p95 }: Cell): string =>
  `${delay} ms: ${time(median)} (${time(least)} to ${time(most)}), p95 ${time(p95)}`;

/** The flags that commands have in common, and what may stand behind them. */
import type { FlagParametersForType } from "@stricli/core";
import type { WardenContext } from "./context.ts";

/** Where to look, and how to print. */
export interface PlaceFlags {
  readonly json: boolean;
  readonly site?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly stage?: string;
}

/** Of every command that changes something. */
export interface ChangeFlags extends PlaceFlags {
  readonly dryRun: boolean;
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly reason?: string;
  readonly by?: string;
}

export const placeFlags: FlagParametersForType<PlaceFlags, WardenContext> = {
  json: toggle("print JSON"),
  site: optionalText("SITE", "the site; needed as soon as there are two"),
  region: optionalText("REGION", "the AWS Region"),
  profile: optionalText("PROFILE", "the AWS profile; not used against an endpoint on this machine"),
  stage: optionalText("STAGE", "the stage (WARDEN_STAGE, else local on this machine, else production)"),
};

export const changeFlags: FlagParametersForType<ChangeFlags, WardenContext> = {
  ...placeFlags,
  dryRun: toggle("only say what would happen"),
  wait: toggle("wait until it is done"),
  timeout: {
    kind: "parsed",
    parse: duration,
    default: "20m",
    placeholder: "TIME",
    brief: "how long --wait waits, as in 90s or 20m",
  },
  reason: optionalText("TEXT", "why, for those who read it later"),
  by: optionalText("WHO", "who asks (your user name)"),
};

export function toggle(brief: string) {
  return { kind: "boolean", default: false, withNegated: false, brief } as const;
}

export function optionalText(placeholder: string, brief: string) {
  return { kind: "parsed", parse: plainText, optional: true, placeholder, brief } as const;
}

/** A number within bounds. */
export function number(bounds: { readonly least: number; readonly most: number; readonly whole: boolean }) {
  const { least, most, whole } = bounds;
  return (text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
    throw new Error(`give it a ${whole ? "whole " : ""}number from ${least} to ${most}`);
  };
}

export const port = number({ least: 0, most: 65_535, whole: true });

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

export function duration(text: string): number {
  const [, count, unit] = /^(\d{1,6})(s|m|h)$/.exec(text) ?? [];
  const length = units[unit ?? ""];
  if (count === undefined || length === undefined) throw new Error("give it a time like 90s, 20m or 2h");
  return Number(count) * length;
}

function plainText(text: string): string {
  if (text.trim() === "") throw new Error("give it some text");
  if (/\p{Cc}/u.test(text)) throw new Error("leave out line breaks and control characters");
  if (text.length > 500) throw new Error("500 characters are enough");
  return text;
}

/** `--inspect` alone means Node's own default port. */
export const inspectorPort = (text: string): number => (text === "" ? 9229 : port(text));

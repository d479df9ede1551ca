/** What the routes of commands have in common: each says what a command is called with, and loads it when it runs. */
import type { BaseArgs } from "@stricli/core";
import type { WardenContext } from "./context.ts";
import type { Status } from "./errors.ts";

type Run<Flags, Args extends BaseArgs> = (context: WardenContext, flags: Flags, ...args: Args) => Promise<Status>;

/** A loader for Stricli: the command runs, its status is kept. */
export function runs<Flags, Args extends BaseArgs>(load: () => Promise<Run<Flags, Args>>) {
  return async () => {
    const command = await load();
    return async function (this: WardenContext, flags: Flags, ...args: Args): Promise<void> {
      this.finish(await command(this, flags, ...args));
    };
  };
}

export const siteFile = { placeholder: "FILE", brief: "a site configuration", parse: String } as const;

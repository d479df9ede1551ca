import type { WardenContext } from "../context.ts";
import { disrupt } from "../disrupt.ts";
import type { Status } from "../errors.ts";
import type { ChangeFlags } from "../flags.ts";

export const replace = (context: WardenContext, flags: ChangeFlags, id: string): Promise<Status> =>
  disrupt("replace", context, flags, id);

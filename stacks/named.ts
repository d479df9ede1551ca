/** Names of this stage, as the command looks for them. */
import { named as nameOf } from "@warden/functions/deployed";

export const named = (name: string): string => nameOf($app.stage, name);

/** What things are called: in AWS, where the command looks for them, and in the stack. */
import { named as nameOf } from "@warden/functions/deployed";
import type { Site } from "./stage.ts";

/** @example `warden-production-urgent` */
export const named = (name: string): string => nameOf($app.stage, name);

/** Of one of several sites. @example `warden-production-moodle-database` */
export const namedOf = (site: { readonly name: string }, name: string): string => named(`${site.name}-${name}`);

/** Of its Auto Scaling group. */
export const groupOf = ({ name, nodes }: Pick<Site, "name" | "nodes">): string =>
  nodes.kind === "existing" ? nodes.group : named(name);

/** In the stack. @example `MoodleDatabase` */
export const titled = (site: { readonly name: string }, title: string): string => `${titleOf(site.name)}${title}`;

/** `launch-lifecycle-action` → `LaunchLifecycleAction` */
export const titleOf = (name: string): string =>
  name.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

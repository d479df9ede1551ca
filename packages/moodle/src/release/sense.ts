/** Whether what a lock names fits together. Pure; every problem is told at once. */
import type { Code, Plugin } from "./code.ts";
import type { Lock, PinnedPlugin } from "./lock.ts";

export function nonsenseIn(lock: Lock, code: Code): readonly string[] {
  const plugins = new Map(code.plugins.map((plugin) => [plugin.name, plugin]));
  return [
    ...moodleProblems(lock, code),
    ...Object.entries(lock.plugins).flatMap(([name, pinned]) => {
      const plugin = plugins.get(name);
      if (plugin === undefined) return [`${name}: Moodle does not find it${pinned.path ? ` in ${pinned.path}` : ""}`];
      return [...ownProblems(pinned, plugin), ...fitProblems(plugin, code), ...missing(plugin, plugins)];
    }),
  ];
}

function moodleProblems({ moodle }: Lock, { release }: Code): readonly string[] {
  const found = release.split(" ")[0] ?? "";
  return found === moodle.version ? [] : [`moodle: its code is ${found}, and the lock pins ${moodle.version}`];
}

/** What the plugin says of itself, against what the lock says of it. */
function ownProblems(pinned: PinnedPlugin, { name, path, component, version }: Plugin): readonly string[] {
  return [
    ...(component === name ? [] : [`${name}: its version.php calls it ${component ?? "nothing"}`]),
    ...(version !== null && sameVersion(version, pinned.version)
      ? []
      : [`${name}: its version is ${version ?? "missing"}, and the lock pins ${pinned.version}`]),
    ...(pinned.path === undefined || pinned.path === path
      ? []
      : [`${name}: Moodle looks for it in ${path}, and the lock puts it into ${pinned.path}`]),
  ];
}

/** As Moodle itself judges it when it upgrades (`core\\plugininfo\\base::is_core_dependency_satisfied` and its neighbours). */
function fitProblems(
  { name, requires, supported, incompatible }: Plugin,
  { version, branch }: Code,
): readonly string[] {
  const [first, last] = supported ?? [0, Number.POSITIVE_INFINITY];
  const own = Number(branch);
  return [
    ...(requires === null || Number(requires) <= Number(version)
      ? []
      : [`${name}: it requires Moodle ${requires}, and this is ${version}`]),
    ...(first <= own && own <= last
      ? []
      : [`${name}: it supports the branches ${first} to ${last}, and this is ${branch}`]),
    ...(incompatible === null || own < incompatible
      ? []
      : [`${name}: it does not work from branch ${incompatible} on, and this is ${branch}`]),
  ];
}

function missing({ name, dependencies }: Plugin, plugins: ReadonlyMap<string, Plugin>): readonly string[] {
  return Object.entries(dependencies).flatMap(([component, least]) => {
    const found = plugins.get(component)?.version;
    if (found == null) return [`${name}: it needs ${component}, which is not there`];
    if (least === "any" || Number(found) >= Number(least)) return [];
    return [`${name}: it needs ${component} ${least} or newer, and this has ${found}`];
  });
}

/** PHP writes 2025100606.10 as 2025100606.1. */
const sameVersion = (a: string, b: string): boolean => Number(a) === Number(b);

/** Which PHP-FPM a node runs, and with what. */
import { expect } from "vitest";
import { eventually, type Node } from "./node.ts";
import { push } from "./pushes.ts";

/** What PHP itself and FPM say. */
export async function inForce(own: Node) {
  const workers = JSON.parse(await own.machine.sh("curl --silent 'http://127.0.0.1/warden/workers?json'"));
  return { memory: (await own.ask("/limit.php")).body, children: workers["total processes"] };
}

/** With the site's first bundle. */
export const usual = { memory: "256M", children: 4 };

/** One FPM, and of others no unit, no file and no socket. */
export async function alone(own: Node, name?: string): Promise<void> {
  const { sh } = own.machine;
  await eventually(async () => (await sh("systemctl is-active warden-retire || true")) === "inactive", "retired");
  const found = await sh(`ls /etc/warden/php; ls /run/warden/php
    cd /etc/systemd/system/multi-user.target.wants; ls -d warden-php@* | sed 's/.*@//; s/.service//'
    systemctl list-units --all --plain --no-legend 'warden-php@*.service' | sed 's/.*@//; s/.service.*//'`);
  const names = found.split("\n");
  expect(names).toEqual(Array(4).fill(name ?? names[0]));
}

/** As it began, whatever the test before left. */
export async function begin(own: Node): Promise<void> {
  expect((await push(own, own.bundle.digest)).output.ok).toBe(true);
  await alone(own, own.bundle.manifest.fpm);
}

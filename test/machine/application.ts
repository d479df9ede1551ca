/** The lab's application with what judges need besides: pages that take their time or try what they may not, and a cron that waits. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { application } from "@warden/lab/application/application";
import { version } from "@warden/lab/application/programs";

/** @param changed files that are others, or more of them */
export function writeApplication(code: string, changed: Readonly<Record<string, string>> = {}): void {
  for (const [path, text] of Object.entries({ ...files, ...changed })) {
    const file = join(code, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** The code of another version. */
export const ofVersion = (other: string) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replaceAll(version, other)]));

const cron = `<?php
define('CLI_SCRIPT', true);
require __DIR__ . '/../../config.php';
$journal = $CFG->dataroot . '/cron-' . getmypid();
pcntl_async_signals(true);
$ends = false;
pcntl_signal(SIGTERM, function () use ($journal, &$ends) {
    file_put_contents($journal, "SIGTERM\\n", FILE_APPEND);
    $ends = true;
});
$DB->run("UPDATE {task_scheduled} SET timestarted = 1, hostname = ? WHERE classname = '\\\\\\\\core\\\\\\\\task\\\\\\\\judge_task'", [gethostname()]);
file_put_contents($journal, "began\\n", FILE_APPEND);
while (!file_exists($CFG->dataroot . '/task-may-end')) { usleep(20000); clearstatcache(); }
$DB->run('UPDATE {task_scheduled} SET timestarted = NULL, hostname = NULL');
file_put_contents($journal, "ended\\n", FILE_APPEND);
`;

const files: Readonly<Record<string, string>> = {
  ...application,
  "slow.php": "<?php touch('/tmp/slow-began'); for ($i = 0; $i < 160; $i++) usleep(50000); echo 'whole';",
  "wait.php":
    "<?php touch('/tmp/wait-began'); while (!file_exists('/tmp/wait-may-end')) { usleep(50000); clearstatcache(); } echo 'whole';",
  "limit.php": "<?php echo ini_get('memory_limit');",
  "which.php": "<?php require __DIR__ . '/config.php'; echo $CFG->supportname ?? 'none';",
  "sneak.php": "<?php echo @file_put_contents(__DIR__ . '/sneaked.php', 'x') ? 'written' : 'refused';",
  "admin/cli/cron.php": cron,
};

/** A small PHP application in the places of Moodle's own files. It is not Moodle: it tells what reached it. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Stands in every file that is not for the web: as text, and as what it prints when it is run. */
export const hiddenText = "NOT-FOR-THE-WEB";

/** Scripts that answer, below the document root. */
const scripts = [
  "index.php",
  "pluginfile.php",
  "draftfile.php",
  "course/index.php",
  "mod/quiz/view.php",
  "lib/javascript.php",
  "theme/styles.php",
  "admin/index.php",
  "admin/tool/task/scheduledtasks.php",
  "webservice/rest/server.php",
  "login/index.php",
  "user/tests.php",
  "report/log/upgrade_done.php",
];

/** What a browser loads as it is. */
export const assets = [
  "mod/quiz/pix/icon.svg",
  "lib/editor/tiny/js/tinymce/tinymce.js",
  "question/type/x/questiontype.js",
];

/** What the code brings along and nobody may read. */
export const hidden = [
  "config.php",
  "config-dist.php",
  "version.php",
  ".git/config",
  ".env",
  "composer.json",
  "vendor/autoload.php",
  "node_modules/x.js",
  "lib/db/install.xml",
  "lib/environment.xml",
  "mod/quiz/db/access.php",
  "mod/quiz/tests/x.php",
  "README.md",
  "admin/cli/cron.php",
];

/** Of a release whose document root is `public/`: beside it. */
export const outside = ["outside.txt", "outside.php", "config.php", "lib/outside.php"];

/** Tells what reached it; of a picture that is PHP in truth, see `tricks`. */
const tell = `<?php header('Content-Type: application/json');
echo json_encode(['server' => $_SERVER, 'get' => (object) $_GET, 'file' => __FILE__]);`;

/** Sends a file by nginx, with Moodle's own encoding of its name. */
const send = `<?php header('Content-Type: application/x-judge');
header('X-Accel-Redirect: ' . rawurlencode($_GET['path']));`;

const upload = `<?php $file = $_FILES['file'] ?? null;
echo json_encode(['error' => $file['error'] ?? null, 'size' => $file['size'] ?? null,
  'digest' => $file && $file['error'] === 0 ? hash_file('sha256', $file['tmp_name']) : null]);`;

/** Says that it began, and waits for a file's coming. */
const waiting = `<?php $signals = $_GET['signals']; touch("$signals/began-" . getmypid());
for ($tries = 0; $tries < 3000 && !file_exists("$signals/released"); $tries++) { usleep(20000); clearstatcache(); }
echo 'released';`;

export function writeApplication(code: string, documentRoot: string, name: string): void {
  const served = join(code, documentRoot);
  const isHidden = (path: string): string =>
    path.endsWith(".php") ? `<?php echo '${hiddenText}'; // ${hiddenText}` : `${hiddenText}\n`;
  if (documentRoot !== "") for (const path of outside) write(join(code, path), isHidden(path));
  for (const path of hidden) write(join(served, path), isHidden(path));
  for (const path of scripts) write(join(served, path), tell);
  for (const path of assets) write(join(served, path), `asset ${path}`);
  write(join(served, "send.php"), send);
  write(join(served, "upload.php"), upload);
  write(join(served, "wait.php"), waiting);
  write(join(served, "sleep.php"), "<?php touch($_GET['signals'] . '/asleep-' . getmypid()); sleep(90); echo 'awake';");
  write(join(served, "which.php"), `<?php echo '${name}';`);
  write(join(served, "log.php"), "<?php error_log($_POST['text'] ?? ''); echo 'logged';");
  write(
    join(served, "throw.php"),
    "<?php function enter($password) { throw new Exception('wrong'); } enter('t0p-password');",
  );
  for (const path of ["tokenpluginfile.php", "rss/file.php"]) write(join(served, path), tell);
  write(join(served, "picture.png"), `<?php echo '${ranText}';`);
}

/** What a text prints when it is run as PHP that nobody may run. The text itself has it, too, but after `echo`. */
export const ranText = "A-PICTURE-RAN";

export function writeData(folder: string): void {
  write(join(folder, "moodledata/filedir/ab/cd/abcd"), fileText);
  // Names that mean something elsewhere.
  write(join(folder, "moodledata/temp/tests/.hidden/script.php"), fileText);
  write(join(folder, "localcache/theme/vendor/README.md"), fileText);
  write(join(folder, "secret.txt"), hiddenText);
  mkdirSync(join(folder, "signals"));
  chmodSync(join(folder, "signals"), 0o777);
  write(join(folder, "ready/ready.php"), "<?php echo json_encode(['memory' => ini_get('memory_limit')]);");
}

export const fileText = "0123456789 the bytes of a file";

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

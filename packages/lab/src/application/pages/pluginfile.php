<?php
// Has the web server send a file to its owner, as Moodle does: /pluginfile.php/ID
require __DIR__ . '/config.php';
require __DIR__ . '/lib/visitor.php';
$user = require_login();
$id = (int) ltrim($_SERVER['PATH_INFO'] ?? '', '/');
$found = $DB->run('SELECT contenthash FROM {files} WHERE id = ? AND userid = ?', [$id, $user->id])->fetch_row();
if ($found === null || $found === false) {
    http_response_code(404);
    show_page('There is no such file of yours', $user);
    exit;
}
header('Content-Type: application/octet-stream');
header("Content-Disposition: attachment; filename=\"$id\"");
$alias = array_search($CFG->dataroot, $CFG->xsendfilealiases, true);
header("{$CFG->xsendfile}: $alias" . path_of($found[0]));

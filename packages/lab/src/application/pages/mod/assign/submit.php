<?php
// Takes what was written for a course: into the database, and as a file into the shared directory.
require __DIR__ . '/../../config.php';
require __DIR__ . '/../../lib/visitor.php';
$user = require_login();
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    http_response_code(405);
    show_page('A submission is posted', $user);
    exit;
}
$kept = keep_body($user);
$course = (int) ($_GET['id'] ?? 0);
$DB->run('INSERT INTO {assign_submission} (userid, course, file) VALUES (?, ?, ?)', [$user->id, $course, $kept['file']]);
show_page('Submitted', $user, ['course' => $course, ...$kept]);

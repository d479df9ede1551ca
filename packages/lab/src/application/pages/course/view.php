<?php
// A course: what was handed in there by all, and by whoever looks.
require __DIR__ . '/../config.php';
require __DIR__ . '/../lib/visitor.php';
$user = require_login();
$course = (int) ($_GET['id'] ?? 0);
if ($course < 1) {
    http_response_code(404);
    show_page('There is no such course', $user);
    exit;
}
$count = 'SELECT COUNT(*), COALESCE(SUM(userid = ?), 0) FROM {assign_submission} WHERE course = ?';
[$all, $own] = $DB->run($count, [$user->id, $course])->fetch_row();
show_page("Course $course", $user, ['course' => $course, 'submissions' => $all, 'own' => $own]);

<?php
// Sessions, the application cache and the shared files: what a page of Moodle does not come up without. Posted to, it logs in.
require __DIR__ . '/../config.php';
require __DIR__ . '/../lib/visitor.php';
redis_of_sessions(1)->set($CFG->session_redis_prefix . 'x', 'x');
file_put_contents($CFG->dataroot . '/temp/page', 'x');
if ('http' . ($_SERVER['HTTP_X_FORWARDED_PROTO'] === 'https' ? 's' : '') . "://{$_SERVER['HTTP_HOST']}" !== $CFG->wwwroot) {
    header("Location: {$CFG->wwwroot}/login/index.php", true, 303);
}
if (isset($CFG->judgebreaks)) {
    http_response_code(500);
}
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    begin_session();
    $user = user_logging_in($_POST['username'] ?? '', $_POST['password'] ?? '');
    if ($user === null) {
        http_response_code(401);
        show_page('Invalid login');
        exit;
    }
    // Nobody who knew the id from before is in.
    session_regenerate_id(true);
    $_SESSION['user'] = ['id' => $user->id, 'username' => $user->username];
    session_write_close();
    header("Location: {$CFG->wwwroot}/course/view.php?id=1", true, 303);
    show_page('Logged in', $user);
    exit;
}
echo json_encode([
    'about' => 'This is not Moodle: it is a small application that stands for it.',
    'contact' => $CFG->supportname ?? null,
    'code' => __DIR__,
]);

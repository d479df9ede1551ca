<?php
// Ends the session, here and on every other node.
require __DIR__ . '/../config.php';
require __DIR__ . '/../lib/visitor.php';
$user = require_login();
session_start();
session_destroy();
setcookie('MoodleSession', '', ['expires' => 1, 'path' => '/', 'secure' => true]);
header("Location: {$CFG->wwwroot}/", true, 303);
show_page('Logged out', null, ['was' => $user->username]);

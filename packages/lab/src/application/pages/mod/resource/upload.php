<?php
// Takes a file of any size.
require __DIR__ . '/../../config.php';
require __DIR__ . '/../../lib/visitor.php';
$user = require_login();
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    http_response_code(405);
    show_page('A file is posted', $user);
    exit;
}
show_page('Uploaded', $user, keep_body($user));

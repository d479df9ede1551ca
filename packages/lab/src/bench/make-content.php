<?php
// The course and the users of the benchmark and of the lab's visitors, by Moodle's own generator. Run as PHP's user, from
// standard input:
//
//     php -- CODE PASSWORD
//
// A course of size S, which has 64 activities and 100 users with that password. Done once: a site that has the course keeps
// it. One of its assignments takes a file, which the generator's do not. Prints one line of JSON.

define('CLI_SCRIPT', true);
[, $code, $password] = $argv;
require $code . '/config.php';
require_once $CFG->dirroot . '/mod/assign/locallib.php';
const SHORTNAME = 'WARDEN_BENCH';
const SIZE_S = 1;

$complete = ['shortname' => SHORTNAME, 'idnumber' => 'complete'];
if (!$DB->record_exists('course', $complete)) {
    core\session\manager::set_user(get_admin());
    // The generator says what it does, also where it is told not to.
    ob_start();
    foreach ($DB->get_records('course', ['shortname' => SHORTNAME]) as $unfinished) {
        delete_course($unfinished, false);
    }
    $CFG->tool_generator_users_password = $password;
    // The same each time, and no big files.
    $made = (new tool_generator_course_backend(SHORTNAME, SIZE_S, true, 100000, false))->make();
    $DB->update_record('course', ['id' => $made, 'idnumber' => 'complete']);
    ob_end_clean();
}
$course = $DB->get_record('course', $complete, 'id, fullname', MUST_EXIST);
$assignments = get_fast_modinfo($course->id)->get_instances_of('assign');
$assignment = reset($assignments);
// What is submitted again replaces what was there, and nobody has to confirm it.
$DB->set_field('assign', 'submissiondrafts', 0, ['id' => $assignment->instance]);
$files = (new assign($assignment->context, $assignment, $assignment->get_course()))->get_submission_plugin_by_type('file');
$files->enable();
$files->set_config('maxfilesubmissions', 1);
$files->set_config('maxsubmissionsizebytes', 0);

$generated = $DB->sql_like('username', '?');
$users = $DB->get_records_select('user', $generated, ['tool_generator_%'], 'username', 'id, username');
$named = fn(stdClass $user): array => ['id' => (int) $user->id, 'name' => $user->username];
echo "\n", json_encode([
    'release' => $CFG->release,
    'course' => ['id' => (int) $course->id, 'name' => $course->fullname],
    'assignment' => (int) $assignment->id,
    'users' => array_map($named, array_values($users)),
]), "\n";

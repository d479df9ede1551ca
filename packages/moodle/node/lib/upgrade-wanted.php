<?php
// Asks Moodle's own upgrade.php whether the site has to be closed for it: its status is 2 for yes and 3 for no. Run as PHP's
// user.
//
//     php upgrade-wanted.php CODE

define('NO_UPGRADE_CHECK', true);
// What Moodle keeps of its code's places lies in moodledata, for the release that is in use.
define('IGNORE_COMPONENT_CACHE', true);
$_SERVER['argv'] = ['upgrade.php', '--is-maintenance-required'];
require "{$argv[1]}/admin/cli/upgrade.php";

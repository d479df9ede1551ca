<?php
// From what the instance metadata says to notices: one a line, `KIND TIME`, or `KIND` where there is no time.
//
//     php notices.php spot/instance-action <ANSWER

$said = json_decode(stream_get_contents(STDIN), true);
if (!is_array($said)) {
    exit;
}
match ($argv[1]) {
    'spot/instance-action' => print("spot {$said['time']}\n"),
    'events/recommendations/rebalance' => print("rebalance\n"),
    'events/maintenance/scheduled' => array_map(maintenance(...), $said),
};

/** Each event of the instance; times are written "21 Jan 2019 09:00:43 GMT" here (EC2 guide, scheduled events). */
function maintenance(array $event): void {
    if (($event['State'] ?? '') === 'active') {
        echo 'maintenance ', gmdate('Y-m-d\TH:i:s\Z', strtotime($event['NotBefore'])), "\n";
    }
}

<?php
// From standard input to standard output, without secrets: the values that this node knows, and what stands behind
// `password=` and its like.

$text = stream_get_contents(STDIN);
$secrets = is_readable($argv[1]) ? array_filter((array) require $argv[1], 'is_string') : [];
// The longer first: one secret may be a part of another.
usort($secrets, fn(string $a, string $b): int => strlen($b) <=> strlen($a));
foreach ($secrets as $secret) {
    // As it is, and as JSON, PHP and addresses write it.
    $forms = [$secret, trim(json_encode($secret), '"'), trim(var_export($secret, true), "'"), rawurlencode($secret)];
    $text = str_replace(array_filter($forms, fn(string $form): bool => strlen($form) > 3), '***', $text);
}
$names = 'password|passwd|passphrase|dbpass|pass|secret|token|sesskey|authorization|auth|api_?key|access_?key\w*|MoodleSession\w*';
$text = preg_replace("/((?:$names)[\"']?\s*(?:=>|[=:])\s*[\"']?)(?:Bearer |Basic )?[^\s\"',;&]+/i", '$1***', $text);
// Cut last: half a secret would not be found.
echo mb_strcut(mb_scrub((string) $text), 0, (int) $argv[2]);

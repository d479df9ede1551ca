<?php
// From answers of Secrets Manager to the PHP file that returns secrets by name.
//
//     php secrets.php names BUNDLE                               each secret's name and reference on a line of its own
//     php secrets.php write BUNDLE ANSWERS FILE VERSIONS         ANSWERS holds answers of GetSecretValue by name; what has
//                                                                none there stays as it is in FILE and VERSIONS
//     php secrets.php takes BUNDLE NAME [ANSWER]                 whether the server takes this one, else the one in use:
//                                                                0, 1 when it refuses it, 2 when nobody can tell
//     php secrets.php administrator BUNDLE ANSWER                the password of the first administrator, which is written
//                                                                nowhere
//     php secrets.php current ABOUT                              the version that is AWSCURRENT, from DescribeSecret
//
// What it prints when it fails says which secret, and never anything of its value.

[, $verb, $in] = $argv;
try {
    exit(match ($verb) {
        'names' => names(manifest($in)),
        'write' => write(manifest($in), ...array_slice($argv, 3)),
        'takes' => takes($in, ...array_slice($argv, 3)),
        'administrator' => administrator(manifest($in), $argv[3]),
        'current' => currentversion(json_decode(file_get_contents($in), true)),
    });
} catch (DomainException $wrong) {
    echo $wrong->getMessage();
    exit(1);
}

function names(array $manifest): int {
    foreach ($manifest['secrets'] as $name => ['secret' => $reference]) {
        echo "$name $reference\n";
    }
    return 0;
}

function write(array $manifest, string $answers, string $file, string $versions): int {
    $values = is_file($file) ? require $file : [];
    $ids = json_decode((string) @file_get_contents($versions), true) ?? [];
    foreach ($manifest['secrets'] as $name => $reference) {
        if (is_file("$answers/$name")) {
            $answer = json_decode(file_get_contents("$answers/$name"), true);
            $values[$name] = value($answer, $reference);
            $ids[$name] = $answer['VersionId'];
        }
    }
    $values = array_intersect_key($values, $manifest['secrets']);
    put($file, "<?php\n// Written by Warden.\nreturn " . var_export($values, true) . ";\n", $manifest['platform']['group']);
    // Afterwards: a node that was stopped in between believes that it has the older ones, and gets these again.
    put($versions, json_encode(array_intersect_key($ids, $manifest['secrets'])) . "\n", null);
    return 0;
}

/** Nobody's until it is whole: it is made with mode 0600 (umask), and then given to a group that may read it. */
function put(string $file, string $text, ?string $group): void {
    $beside = "$file.new";
    @unlink($beside);
    umask(0077);
    $written = file_put_contents($beside, $text);
    $given = $group === null || (chgrp($beside, $group) && chmod($beside, 0640));
    if (!$written || !$given || !rename($beside, $file)) {
        throw new DomainException("$file cannot be written");
    }
}

/** Asked as the readiness check asks, by the bundle's own files: they use secrets that are there already. */
function takes(string $bundle, string $name, ?string $answer = null): int {
    try {
        if ($answer !== null) {
            $manifest = manifest($bundle);
            $wardensecrets = array_fill_keys(array_keys($manifest['secrets']), '');
            $wardensecrets[$name] = value(json_decode(file_get_contents($answer), true), $manifest['secrets'][$name]);
        }
        require "$bundle/lib.php";
        $settings = (require "$bundle/ready-settings.php")[$name];
        $name === 'database' ? \warden\database($settings) : \warden\redis($settings)->ping();
        return 0;
    } catch (\warden\Refused) {
        return 1;
    } catch (Throwable) {
        return 2;
    }
}

function administrator(array $manifest, string $answer): int {
    $reference = $manifest['administrator']['password'];
    $password = value(json_decode(file_get_contents($answer), true), $reference);
    // It is read as a line.
    preg_match('/^[^\r\n]+$/D', $password) || throw new DomainException("the secret {$reference['secret']} is not one line");
    echo $password;
    return 0;
}

function currentversion(?array $about): int {
    foreach ($about['VersionIdsToStages'] ?? [] as $version => $stages) {
        if (in_array('AWSCURRENT', $stages, true)) {
            echo "$version\n";
            return 0;
        }
    }
    return 1;
}

function value(?array $answer, array $reference): string {
    $text = $answer['SecretString'] ?? throw new DomainException("the secret {$reference['secret']} has no text");
    if (!isset($reference['key'])) {
        return $text;
    }
    $value = json_decode($text, true)[$reference['key']] ?? null;
    return is_string($value) ? $value
        : throw new DomainException("the secret {$reference['secret']} has no text under the key {$reference['key']}");
}

function manifest(string $bundle): array {
    return json_decode(file_get_contents("$bundle/manifest.json"), true, 64, JSON_THROW_ON_ERROR);
}

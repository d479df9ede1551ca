# Everything that warden-node and the watcher are made of: a file for each verb, and what several of them need.

# shellcheck source=lib/places.sh
. /opt/warden/lib/places.sh
# shellcheck source=lib/answer.sh
. /opt/warden/lib/answer.sh
# shellcheck source=lib/bounded.sh
. /opt/warden/lib/bounded.sh
# shellcheck source=lib/batch.sh
. /opt/warden/lib/batch.sh
# shellcheck source=lib/aws.sh
. /opt/warden/lib/aws.sh
# shellcheck source=lib/bundle.sh
. /opt/warden/lib/bundle.sh
# shellcheck source=lib/lint.sh
. /opt/warden/lib/lint.sh
# shellcheck source=lib/release.sh
. /opt/warden/lib/release.sh
# shellcheck source=lib/authorities.sh
. /opt/warden/lib/authorities.sh
# shellcheck source=lib/secrets.sh
. /opt/warden/lib/secrets.sh
# shellcheck source=lib/mount.sh
. /opt/warden/lib/mount.sh
# shellcheck source=lib/host.sh
. /opt/warden/lib/host.sh
# shellcheck source=lib/services.sh
. /opt/warden/lib/services.sh
# shellcheck source=lib/php.sh
. /opt/warden/lib/php.sh
# shellcheck source=lib/php-facts.sh
. /opt/warden/lib/php-facts.sh
# shellcheck source=lib/retire.sh
. /opt/warden/lib/retire.sh
# shellcheck source=lib/readiness.sh
. /opt/warden/lib/readiness.sh
# shellcheck source=lib/bootstrap.sh
. /opt/warden/lib/bootstrap.sh
# shellcheck source=lib/verify.sh
. /opt/warden/lib/verify.sh
# shellcheck source=lib/trial.sh
. /opt/warden/lib/trial.sh
# shellcheck source=lib/push-config.sh
. /opt/warden/lib/push-config.sh
# shellcheck source=lib/drain.sh
. /opt/warden/lib/drain.sh
# shellcheck source=lib/drain-status.sh
. /opt/warden/lib/drain-status.sh
# shellcheck source=lib/evidence.sh
. /opt/warden/lib/evidence.sh
# shellcheck source=lib/schema.sh
. /opt/warden/lib/schema.sh
# shellcheck source=lib/install-site.sh
. /opt/warden/lib/install-site.sh
# shellcheck source=lib/preflight.sh
. /opt/warden/lib/preflight.sh
# shellcheck source=lib/maintenance.sh
. /opt/warden/lib/maintenance.sh
# shellcheck source=lib/upgrade.sh
. /opt/warden/lib/upgrade.sh
# shellcheck source=lib/rehearse.sh
. /opt/warden/lib/rehearse.sh
# shellcheck source=lib/purge-cache.sh
. /opt/warden/lib/purge-cache.sh
# shellcheck source=lib/restart-php.sh
. /opt/warden/lib/restart-php.sh

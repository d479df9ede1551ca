# What the watcher does beside looking: telling Warden, and looking after the node itself.

# Seconds. The unit of a test shortens them.
wait_for_command=${WARDEN_WAIT_FOR_COMMAND:-120}
retry=${WARDEN_RETRY:-30}

until_it_works() {
  until "$@"; do sleep "$retry"; done
}

say_started() {
  # A folder of its own: it calls AWS at the same time as the looks do.
  make_work
  until_it_works tell "Node Started"
}

# tell DETAIL-TYPE NAME=TEXT…: one message on the urgent lane.
tell() {
  local type=$1 queue
  shift
  queue=$(setting URGENT_QUEUE_URL) || return 1
  aws_json sqs AmazonSQS.SendMessage "$work/told.json" QueueUrl="$queue" \
    MessageBody="$(say source=warden.node detail-type="$type" detail:="$(plain_php json say instance-id="$instance" "$@")")"
}

# Each notice is told once. What could not be told is told at the next look.
look_for_notices() {
  local kind when
  notices >"$work/notices"
  while read -r kind when; do
    grep -qxF "$kind $when" "$told" && continue
    [ "$kind" = spot ] && drain
    tell "Node Notice" notice="$kind" ${when:+not-before="$when"} && printf '%s %s\n' "$kind" "$when" >>"$told"
  done <"$work/notices"
}

# One a line: its kind and, where it has one, its time. The metadata answers 404 where there is none.
notices() {
  local path
  for path in spot/instance-action events/recommendations/rebalance events/maintenance/scheduled; do
    metadata "meta-data/$path" 2>/dev/null | plain_php notices "$path"
  done
}

# Keeps trying until it succeeded or somebody else took over.
look_after_itself() {
  sleep "$wait_for_command"
  until [ -e "$command_stamp" ]; do
    if bring_up; then
      until_it_works complete_launch
      return
    fi
    sleep "$retry"
  done
}

# The same bootstrap and verification as Warden's, with what was last good.
bring_up() (
  make_work
  aws_json ssm AmazonSSM.GetParameter "$work/last-good" Name="$(setting LAST_GOOD)" || return 1
  get "$work/last-good" Parameter.Value >"$work/desired"
  WARDEN_RELEASE=$(get "$work/desired" release) WARDEN_DIGEST=$(get "$work/desired" digest)
  export WARDEN_RELEASE WARDEN_DIGEST
  note "nobody sent a command: brings itself up with $WARDEN_RELEASE"
  (verb_bootstrap) >/dev/null || return 1
  look_for_maintenance
  (verb_verify) >/dev/null
)

# Nobody says whether the site is expected to be in maintenance: as it is, it is right.
look_for_maintenance() {
  installed_bundle && look
  WARDEN_MAINTENANCE=open
  [ "$(get "$work/ready.json" maintenance)" = true ] && WARDEN_MAINTENANCE=maintenance
  export WARDEN_MAINTENANCE
}

# Ends this instance's own launch hook. Content, too, where no lifecycle action waits (any more).
complete_launch() {
  local group hook
  make_work
  group=$(setting GROUP) && hook=$(setting LAUNCH_HOOK) || return 1
  aws_call autoscaling "$work/completed" --data-urlencode Action=CompleteLifecycleAction \
    --data-urlencode Version=2011-01-01 --data-urlencode LifecycleActionResult=CONTINUE \
    --data-urlencode "AutoScalingGroupName=$group" --data-urlencode "LifecycleHookName=$hook" \
    --data-urlencode "InstanceId=$instance" "$(endpoint autoscaling)/" ||
    grep -qi 'no active lifecycle action' "$work/completed"
}

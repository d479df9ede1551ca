# The machine's name is its instance's id: Moodle writes the name into its table of tasks, and by it a drain knows which of them
# run here. A name that EC2 made of an address comes back with the address, on another instance.

# name_host: sets `trouble` when it cannot. Bootstrap does it rather than refuse: no image has to think of it.
name_host() {
  local instance
  instance=$(metadata meta-data/instance-id) || {
    trouble="the instance metadata does not say which instance this is"
    return 1
  }
  [ "$(uname -n)" = "$instance" ] && return 0
  { printf '%s\n' "$instance" >/etc/hostname && chmod 644 /etc/hostname && hostname "$instance"; } || {
    trouble="the machine cannot be given the name $instance"
    return 1
  }
}

# look_at_host: the name that it has and the one that it must have, on two lines; nothing where nobody can tell.
look_at_host() {
  local instance
  instance=$(metadata meta-data/instance-id 2>/dev/null) && printf '%s\n' "$(uname -n)" "$instance"
}

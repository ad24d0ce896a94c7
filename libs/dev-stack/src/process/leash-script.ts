/**
 * Runs a program ("$@") in the shell's own place, so that its process is the one we started, and leaves a
 * watcher beside it. Standard input is a pipe whose other end only the starter holds: however that one ends,
 * SIGKILL included, the kernel closes it, `read` fails, and the program is told to end: TERM, and KILL after ten
 * seconds. A line means that the program has ended by itself. Descriptor 3 may be the program's IPC channel.
 */
export const LEASH_SCRIPT = `
exec 9<&0 </dev/null
(
  exec 3<&- >/dev/null 2>&1
  read -r _ <&9 && exit
  kill -TERM "$$" || exit
  tries=0
  while [ "$tries" -lt 100 ] && kill -0 "$$"; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -KILL "$$"
) &
exec "$@" 9<&-
`;

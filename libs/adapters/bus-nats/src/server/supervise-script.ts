/**
 * Runs a program ("$@") that must not outlive the one that started it. Standard input is a pipe whose
 * other end only the starter holds: however that one ends, SIGKILL included, the kernel closes it, `read`
 * returns, and the program is told to end (TERM, then KILL; a Docker client needs the TERM to take its
 * container along). Nothing polls, and it needs no more than a POSIX shell. TERM to this script asks the
 * program to end in its own time.
 */
export const SUPERVISE_SCRIPT = `
child=
trap '[ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
(
  trap - TERM
  read -r _ <&3
  kill -TERM "$child" 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "$child" 2>/dev/null || exit 0
    sleep 0.1
  done
  kill -KILL "$child" 2>/dev/null
) >/dev/null 2>&1 &
watcher=$!
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || break
done
kill -KILL "$watcher" 2>/dev/null
exit "$status"
`;

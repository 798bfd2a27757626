#!/bin/sh
# The agent of the benchmark: works for $1 seconds, then does what the smallest real one does. The shell loop runs it too.
set -eu
[ "$1" = 0 ] || sleep "$1"
if [ "$MILLRACE_ROLE" = review ]; then
  echo '{"type":"result","verdict":"approved","summary":"as asked","findings":[]}'
else
  echo "work on $MILLRACE_ISSUE" > "$MILLRACE_ISSUE.txt"
  git add --all
  git -c user.name=agent -c user.email=agent@localhost commit --quiet --message "$MILLRACE_ISSUE"
  echo '{"type":"result","status":"completed","summary":"done"}'
fi

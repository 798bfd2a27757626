#!/bin/sh
# One issue as a shell loop does it: the pipeline's git commands and agent runs, and nothing that survives a kill.
# issue.sh ISSUE SECONDS, in a folder with mirror.git and agents.git; BASE is the sha that work starts from.
set -eu
issue=$1
here=$(pwd)
tree="$here/trees/$issue"

# Twenty at once see each other's half-made entries: tried again, a failed `add` after its traces are gone.
worktree() {
  tries=0
  until git -C "$here/agents.git" worktree "$@" 2> /dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 9 ]
    [ "$1" = remove ] || rm -rf "$here/agents.git/worktrees/$name" "${here:?}/trees/$name"
    [ "$name" != "$issue" ] || git -C "$here/agents.git" branch --quiet -D "millrace/$issue" 2> /dev/null || true
  done
}

name=$issue
worktree add --quiet --no-track -b "millrace/$issue" "$tree" "$BASE"
(cd "$tree" && MILLRACE_ROLE=implement MILLRACE_ISSUE=$issue sh tools/agent.sh "$2" > /dev/null)
sha=$(git -C "$tree" rev-parse HEAD)
git -C "$here/mirror.git" fetch --quiet --no-tags --no-write-fetch-head "$here/agents.git" "$sha"
git -C "$here/mirror.git" push --quiet "$here/origin.git" "$sha:refs/heads/millrace/$issue"
name=$issue.review
worktree add --quiet --detach "$tree.review" "$sha"
(cd "$tree.review" && MILLRACE_ROLE=review MILLRACE_ISSUE=$issue sh tools/agent.sh "$2" > /dev/null)
worktree remove --force "$tree.review"
worktree remove --force "$tree"

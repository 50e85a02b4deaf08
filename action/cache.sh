#!/bin/sh
# What action.yml runs second: says whether and under which key the cache is restored and saved.
set -eu

# The layout of the cache: one of another layout would be no use.
layout=v4

# Of a run whose code is on a trusted branch already. The events in which GitHub runs the code of strangers with the
# rights of such a branch are not among these; see docs/trust.md.
is_trusted() {
  case $GITHUB_EVENT_NAME in
    push | schedule | workflow_dispatch) ;;
    *) return 1 ;;
  esac
  for branch in ${TRUSTED_BRANCHES:-}; do
    [ "$GITHUB_REF" != "refs/heads/$branch" ] || return 0
  done
  return 1
}

if [ "${CACHE:-}" != true ]; then
  use=off
elif is_trusted; then
  use=save
else
  use=restore
fi
prefix=vt-$RUNNER_OS-$RUNNER_ARCH-$layout-${CACHE_SUFFIX:+$CACHE_SUFFIX-}
{
  echo "use=$use"
  # What was saved under a key stays as it is, so every run has one of its own.
  echo "key=$prefix$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT"
  echo "prefix=$prefix"
} >>"$GITHUB_OUTPUT"

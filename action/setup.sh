#!/bin/sh
# What action.yml runs first: installs vt and puts it on the path of the later steps. Its settings are those of
# install.sh, and variables that every runner sets.
set -eu

VT_INSTALL_DIR=$RUNNER_TEMP/vt-bin
if [ -z "${RELEASES:-}" ] && [ -n "${ACTION_REPOSITORY:-}" ]; then
  RELEASES=$GITHUB_SERVER_URL/$ACTION_REPOSITORY/releases
fi
export VT_INSTALL_DIR RELEASES
sh "$(dirname "$0")/../devcontainer/src/vt/install.sh"
echo "$VT_INSTALL_DIR" >>"$GITHUB_PATH"

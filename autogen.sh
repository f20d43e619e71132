#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# autogen.sh - make ./configure from configure.ac (needs autoconf, automake and pkg-config).
set -eu
cd "$(dirname "$0")"
exec autoreconf --install --force --warnings=all

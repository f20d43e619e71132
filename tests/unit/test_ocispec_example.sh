#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# test_ocispec_example.sh - the example of libocispec does what it shows.
example=$builddir/libocispec/example
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0

# expect NAME STATUS: the example's status and output on config.json against $dir/expected.
expect() {
	n=$((n + 1))
	(cd "$dir" && "$example" config.json >output 2>&1)
	status=$?
	if [ $status -eq "$2" ] && cmp "$dir/output" "$dir/expected" >&2; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "# status $status"
		sed 's/^/# /' "$dir/output"
	fi
}

case $example in /*) ;; *) example=$PWD/$example ;; esac

cat >"$dir/config.json" <<'END'
{
  "ociVersion": "1.2.0",
  "root": { "path": "rootfs" },
  "process": {
    "cwd": "/", "args": ["echo", "hello"], "oomScoreAdj": 100,
    "rlimits": [{ "type": "RLIMIT_NOFILE", "soft": 1024, "hard": 4096 }],
    "colour": "red"
  }
}
END
cat >"$dir/expected" <<'END'
config.json:7:5: warning: /process/colour is not a property of the specification
runs echo hello
with at most 1024 of RLIMIT_NOFILE
with oom score 100
{
  "args": [
    "echo",
    "hello"
  ],
  "cwd": "/",
  "rlimits": [
    {
      "type": "RLIMIT_NOFILE",
      "hard": 4096,
      "soft": 1024
    }
  ],
  "oomScoreAdj": 100
}
END
expect "a valid config" 0

cat >"$dir/config.json" <<'END'
{
  "ociVersion": "1.2.0",
  "process": { "cwd": "tmp", "args": ["echo", 1] }
}
END
cat >"$dir/expected" <<'END'
config.json:1:1: error: /root is required
config.json:3:23: error: /process/cwd must be an absolute path
config.json:3:47: error: /process/args/1 must be a string
END
expect "all faults at once" 1
echo "1..$n"

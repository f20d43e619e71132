# SPDX-License-Identifier: LGPL-2.1-or-later
# A runtime that is killed at a system call, or for which one fails: delete --force leaves nothing, each time.
# HOSTILE_LONG=1: every call; else some of them, other ones each day.

load ../integration/helpers

setup_file() {
	${CC:-cc} -O2 -o "$BATS_FILE_TMPDIR/fault" "$BATS_TEST_DIRNAME/fault.c"
}

extra_setup() {
	args sleep 1000
	export FAULT=$BATS_FILE_TMPDIR/fault STATE BUNDLE ID CGROUP
}

# sweep STRIDE OPTION... - with the stride in the short mode; the first calls are the C library's own.
sweep() {
	local stride=$1
	shift
	[ -z "${HOSTILE_LONG:-}" ] || stride=1
	"$BATS_TEST_DIRNAME/sweep" --first $((24 + $(date +%j | sed 's/^0*//') % stride)) --stride "$stride" "$@"
}

@test "create killed at a system call, its own or init's" { sweep 24 --follow kill create; }
@test "start killed at a system call" { sweep 4 kill start; }
@test "delete killed at a system call" { sweep 6 kill delete; }
@test "delete --force killed at a system call" { sweep 8 kill force; }
@test "a system call of create or init fails with ENOMEM" { sweep 30 --follow --errno ENOMEM fail create; }
@test "a system call of create or init fails with EIO" { sweep 30 --follow --errno EIO fail create; }
@test "a system call of create or init fails with ENOSPC" { sweep 30 --follow --errno ENOSPC fail create; }
@test "a system call of start fails" { sweep 6 --errno ENOMEM fail start && sweep 6 --errno EIO fail start; }
@test "a system call of delete fails" { sweep 8 --errno ENOMEM fail delete && sweep 8 --errno EIO fail delete; }
@test "a system call of delete --force fails" { sweep 12 --errno ENOMEM fail force && sweep 12 --errno EIO fail force; }

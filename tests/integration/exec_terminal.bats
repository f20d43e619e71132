#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# exec with a terminal: a person's, and an engine's.

load helpers

term() {
	"$TOOLS/term" "$@" 3>&-
}

console() {
	"$TOOLS/term" console "$BATS_TEST_TMPDIR/c.sock" "$BUNDLE/console" "$@" >transcript 2>&1 3>&- </dev/null &
	receiver=$!
	wait_for 10 test -e "$BATS_TEST_TMPDIR/c.sock.ready"
}

@test "exec --tty: a terminal inside, its exit status outside" {
	running
	run term run -- "$HULL" --root "$STATE" exec -t "$ID" sh -c 'tty; test -t 0 && test -t 1 && test -t 2 && echo all; exit 9'
	is "$status" 9
	has "$output" /dev/pts/0
	has "$output" all
}

@test "it is the controlling terminal of a session of its own, and belongs to the user" {
	running
	run term run -- "$HULL" --root "$STATE" exec -t -u 1000:1000 "$ID" \
		sh -c 'stat -c "owner %u" $(tty); set -- $(cat /proc/self/stat); echo "session $(($6 == $$)) tty $7"; echo x >/dev/tty && echo tty works'
	is "$status" 0
	has "$output" "owner 1000"
	has "$output" "session 1 tty 348"
	has "$output" "tty works"
}

@test "an interactive shell: raw mode outside, control-C, job control, end of file" {
	running
	run term run 'expect:prompt\$' 'send:sh -c "echo up$((1+1)); exec sleep 100"\n' expect:up2 'send:\x03' \
		'expect:prompt\$' 'send:echo "st$?"\n' expect:st130 'expect:prompt\$' \
		'send:sh -c "echo up$((2+2)); exec sleep 100"\n' expect:up4 'send:\x1a' expect:Stopped 'expect:prompt\$' 'send:\x04' \
		'expect:prompt\$|stopped jobs' 'send:exit 5\n' -- "$HULL" --root "$STATE" exec -t -e 'PS1=prompt$ ' "$ID" sh
	is "$status" 5
}

@test "the size of the terminal: at the start, and when it changes" {
	running
	run term run 'resize:33x101' 'expect:33 101' expect:ready 'resize:44x122' 'expect:44 122' 'signal:SIGKILL' \
		-- "$HULL" --root "$STATE" exec -t "$ID" \
		sh -c 'trap "echo resized; stty size" WINCH; sleep 0.3; stty size; echo ready; while :; do sleep 0.05; done'
	has "$output" "33 101"
	has "$output" "44 122"
}

@test "the terminal's modes are put back; a large output arrives whole" {
	running
	run term run -- sh -c 'before=$(stty -g); "$HULL" --root "$0" exec -t "$1" seq 1 20000; [ "$before" = "$(stty -g)" ] && echo same' \
		"$STATE" "$ID"
	has "$output" same
	is "$(tr -d '\r' <<<"$output" | grep -cE '^[0-9]+$')" 20000
}

@test "--process with a terminal and its size; --tty beside it changes nothing" {
	running
	jq '.process | .terminal = true | .consoleSize = {height: 21, width: 79} | .args = ["sh", "-c", "stty size; tty"]' config.json >p.json
	run term run -- "$HULL" --root "$STATE" exec --process p.json "$ID"
	is "$status" 0
	has "$output" /dev/pts/0
	jq '.terminal = false | .args = ["sh", "-c", "tty || echo none"]' p.json >q.json
	run hull exec --tty --process q.json "$ID"
	has "$output" none
}

@test "--console-socket, detached, as engines do: one message, one descriptor" {
	running
	jq '.process | .terminal = true | .consoleSize = {height: 21, width: 79} |
		.args = ["sh", "-c", "stty size; read line; echo \"got $line\"; sleep 100"]' config.json >p.json
	console 'expect:21 79' 'send:hello\n' 'expect:got hello'
	hull exec --process p.json --console-socket "$BATS_TEST_TMPDIR/c.sock" --detach --pid-file "$BATS_TEST_TMPDIR/pid" \
		"$ID" </dev/null >out 2>&1 3>&-
	wait_for 30 test -e console
	is "$(cat out)" ""
	is "$(jq .fds console)" 1
	is "$(jq .messages console)" 1
	is "$(jq .tty console)" true
	is "$(jq -c .size console)" "[21,79]"
	s=0
	wait "$receiver" || s=$?
	is "$s" 0
	wait_for 30 gone "$(cat "$BATS_TEST_TMPDIR/pid")" # hung up
}

@test "a terminal that nobody can have, a socket that is none" {
	running
	run -255 hull exec -t -d "$ID" true
	has "$output" "cannot allocate tty if"
	console
	run -255 hull exec --console-socket "$BATS_TEST_TMPDIR/c.sock" -d --pid-file pid "$ID" true
	has "$output" "cannot use console socket if"
	kill "$receiver"
	touch plain
	run -255 hull exec -t --console-socket plain -d --pid-file pid "$ID" true
	one_line "$output"
	has "$output" "--console-socket"
	[ ! -e pid ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Terminals: a foreground one driven by a person, and one handed to an engine.

load helpers

term() {
	"$TOOLS/term" "$@" 3>&-
}

on_terminal() {
	config '.process.terminal = true | .process.env += ["PS1=prompt$ "]'
}

# console STEP... - starts the receiver in the background; its result is in $BUNDLE/console.
console() {
	"$TOOLS/term" console "$BATS_TEST_TMPDIR/c.sock" "$BUNDLE/console" "$@" >transcript 2>&1 3>&- </dev/null &
	receiver=$!
	wait_for 10 test -e "$BATS_TEST_TMPDIR/c.sock.ready"
}

@test "run on a terminal: a terminal inside, its exit status outside" {
	on_terminal
	shell 'tty; test -t 0 && test -t 1 && test -t 2 && echo all; exit 9'
	run term run -- "$HULL" --root "$STATE" run "$ID"
	is "$status" 9
	has "$output" "/dev/pts/0" || has "$output" /dev/console
	has "$output" all
}

@test "an interactive shell: prompt, echo, status" {
	on_terminal
	args sh
	run term run 'expect:prompt\$' 'send:echo a$((1+1))b\n' expect:a2b 'send:exit 5\n' -- "$HULL" --root "$STATE" run "$ID"
	is "$status" 5
}

@test "control-C reaches the container's foreground process, not the runtime" {
	on_terminal
	args sh
	run term run 'expect:prompt\$' 'send:sh -c "echo up$((1+1)); exec sleep 100"\n' expect:up2 'send:\x03' \
		'expect:prompt\$' 'send:echo "st$?"\n' expect:st130 'expect:prompt\$' 'send:exit 0\n' -- "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
}

@test "job control: stop, background, foreground" {
	on_terminal
	args sh
	run term run 'expect:prompt\$' 'send:sh -c "echo up$((1+1)); exec sleep 100"\n' expect:up2 'send:\x1a' \
		'expect:Stopped' 'expect:prompt\$' 'send:jobs\n' 'expect:Stopped' 'expect:prompt\$' 'send:fg\n' 'expect:sleep 100' \
		sleep:0.2 'send:\x03' 'expect:prompt\$' 'send:exit 3\n' -- "$HULL" --root "$STATE" run "$ID"
	is "$status" 3
}

@test "the program finds the terminal's size when it starts, and lines end as terminals want" {
	on_terminal
	shell 'stty size; echo a; echo b'
	for i in 1 2 3; do
		run term run 'expect:24 80\r\na\r\nb\r\n' -- "$HULL" --root "$STATE" run "$ID"
		is "$status" 0
	done
}

@test "the size of the terminal: at the start, and when it changes" {
	on_terminal
	shell 'trap "echo resized; stty size" WINCH; stty size; echo ready; read x; while :; do sleep 0.05; done'
	run term run 'resize:33x101' 'expect:33 101' expect:ready 'resize:44x122' 'expect:44 122' 'signal:SIGKILL' \
		-- "$HULL" --root "$STATE" run "$ID"
	has "$output" "33 101"
	has "$output" "44 122"
}

@test "end of file from the terminal ends the shell" {
	on_terminal
	args sh
	run term run 'expect:prompt\$' 'send:\x04' -- "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
}

@test "the terminal's modes are put back" {
	on_terminal
	shell 'stty raw -echo; exit 0'
	run term run -- sh -c 'before=$(stty -g); "$HULL" --root "$0" run "$1"; [ "$before" = "$(stty -g)" ] && echo same' "$STATE" "$ID"
	has "$output" same
}

@test "a large output on a terminal arrives whole before run returns" {
	on_terminal
	shell 'seq 1 20000; echo end'
	run term run -- "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
	is "$(tr -d '\r' <<<"$output" | grep -cE '^[0-9]+$')" 20000
	has "$output" end
}

@test "the container's terminal: controlling, on its own devpts, owned by its user" {
	on_terminal
	config '.process.user = {uid: 1000, gid: 1000}'
	shell 'stat -c "%u %t" $(tty); cat /proc/self/stat; ls -l /dev/console; stat -Lc "%t:%T" /dev/console; mount | grep console; echo x >/dev/tty && echo tty works'
	run term run -- "$HULL" --root "$STATE" run "$ID"
	is "$status" 0
	[[ $output == *"1000 88"* ]]
	has "$output" "tty works"
	has "$output" "devpts on /dev/console"
}

@test "standard input that is no terminal: run refuses or copies, and does not hang" {
	on_terminal
	shell 'echo ran'
	run timeout 10 "$HULL" --root "$STATE" run "$ID" </dev/null
	[ "$status" -ne 124 ]
	[ "$status" -ne 0 ] || has "$output" ran
}

# ledger: dev-def-07
@test "--console-socket: one message, one descriptor, a terminal master; before create returns" {
	on_terminal
	config '.process.consoleSize = {height: 21, width: 79}'
	shell 'stty size; tty; read line; echo "got $line"'
	console 'expect:21 79' 'send:hello\n' 'expect:got hello'
	create --console-socket "$BATS_TEST_TMPDIR/c.sock" --pid-file "$BATS_TEST_TMPDIR/pid"
	wait_for 30 test -e console
	is "$(cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err")" ""
	is "$(jq .fds console)" 1
	is "$(jq .messages console)" 1
	is "$(jq .tty console)" true
	is "$(jq .rest console)" 0
	is "$(jq -c .size console)" "[21,79]"
	[ "$(jq .payload console)" -ge 1 ] && [ "$(jq .payload console)" -lt 4096 ]
	has "$(jq -r .target console)" ptmx
	! is_hull || is "$(jq .onlcr console)" false
	hull start "$ID"
	s=0
	wait "$receiver" || s=$?
	cat transcript
	is "$s" 0
	wait_for 30 is_status stopped
}

@test "--console-socket with run --detach" {
	on_terminal
	shell 'read line; echo "got $line"'
	console 'send:hello\n' 'expect:got hello'
	hull run -d --console-socket "$BATS_TEST_TMPDIR/c.sock" "$ID" </dev/null >/dev/null 2>&1 3>&-
	s=0
	wait "$receiver" || s=$?
	is "$s" 0
}

@test "the end of the engine's terminal hangs the container up" {
	on_terminal
	args sh
	console 'expect:prompt\$' hangup:
	create --console-socket "$BATS_TEST_TMPDIR/c.sock"
	hull start "$ID"
	wait "$receiver" || :
	wait_for 30 is_status stopped
}

@test "a relative console socket belongs to the caller" {
	hull_only "runc looks in the bundle"
	on_terminal
	shell 'echo ran'
	cd "$BATS_TEST_TMPDIR"
	console 'expect:ran'
	hull create -b "$BUNDLE" --console-socket c.sock "$ID" </dev/null >/dev/null 2>&1 3>&-
	hull start "$ID"
	wait "$receiver"
}

@test "a terminal without a console socket cannot be created; the text is what callers know" {
	on_terminal
	args sh
	unchanged hull create "$ID" </dev/null
	is "$status" 1
	has "$output" "cannot allocate tty if runc will detach without setting console socket" ||
		has "$output" "cannot allocate tty if"
}

@test "a console socket without a terminal is refused" {
	args sleep 1000
	console
	unchanged hull create --console-socket "$BATS_TEST_TMPDIR/c.sock" "$ID" </dev/null
	is "$status" 1
	has "$output" "cannot use console socket if"
	kill "$receiver" 2>/dev/null || :
}

@test "a console socket that nobody listens on is an error and leaves nothing" {
	on_terminal
	args sh
	unchanged hull create --console-socket "$BATS_TEST_TMPDIR/nothing.sock" "$ID" </dev/null
	is "$status" 1
	has "$output" "no such file or directory"
}

@test "consoleSize without a terminal has no effect; half of it is an error with one" {
	config '.process.consoleSize = {height: 1, width: 1}'
	args true
	run hull run "$ID"
	is "$status" 0
	hull_only "runc takes 0 for what is missing"
	on_terminal
	config '.process.consoleSize = {height: 1}'
	console
	unchanged hull create --console-socket "$BATS_TEST_TMPDIR/c.sock" "$ID" </dev/null
	is "$status" 1
	has "$output" config.json:/process/consoleSize
	kill "$receiver" 2>/dev/null || :
}

@test "the runtime's end by a signal puts the terminal back" {
	on_terminal
	shell 'echo ready; sleep 1000'
	run term run -- sh -c 'before=$(stty -g); "$HULL" --root "$0" run "$1" & sleep 0.5; "$HULL" --root "$0" kill "$1" KILL; wait $!
		echo "st$?"; [ "$before" = "$(stty -g)" ] && echo same' "$STATE" "$ID"
	has "$output" st
	has "$output" same
}

@test "run with a slow reader: nothing is lost, and signals still arrive" {
	on_terminal
	shell 'trap "exit 7" TERM; (seq 1 20000; echo end) & while :; do sleep 0.02; done'
	run python3 - "$HULL" --root "$STATE" run "$ID" 3>&- <<-'PY'
		import fcntl, os, subprocess, sys, time

		# A pipe that is full at once: writing to it never waits, or waits for ever.
		for flags in (os.O_NONBLOCK, 0):
		    r, w = os.pipe()
		    fcntl.fcntl(w, fcntl.F_SETFL, flags)
		    p = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=w)
		    os.close(w)
		    time.sleep(1)
		    text = b""
		    if flags:
		        while b"end" not in text:
		            text += os.read(r, 4096)
		    p.terminate()
		    if not flags:
		        time.sleep(0.5)
		        # The program has ended; what it wrote is still waited for.
		        state = subprocess.run(sys.argv[1:4] + ["state", sys.argv[-1]], stdout=subprocess.PIPE).stdout
		        print("stopped" if b'"stopped"' in state else state)
		    while True:
		        more = os.read(r, 65536)
		        if not more:
		            break
		        text += more
		    print(p.wait(), text.split()[:20000] == [b"%d" % i for i in range(1, 20001)] if flags else text.count(b"\n") > 800)
	PY
	is "$output" "$(printf '7 True\nstopped\n7 True')"
}

@test "a program that leaves its terminal and comes back is heard, and hears of no hang-up" {
	on_terminal
	shell 'trap "echo hup >/tmp/hup" HUP; exec </dev/null >/dev/null 2>&1; sleep 1; echo again >/dev/console; sleep 0.5; test ! -e /tmp/hup'
	config '.root.readonly = false'
	run term run -- "$HULL" --root "$STATE" run "$ID"
	has "$output" again
	is "$status" 0
}

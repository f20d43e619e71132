#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# checkpoint and restore of what talks: TCP connections, redis, a network that stands still meanwhile.

load ../../integration/helpers
load checkpoint

# talk - a container in which a count goes through a TCP connection over loopback, into a file.
talk() {
	shell 'exec 2>/dev/null; nc -ll -p 7000 -e cat & until nc -w 1 127.0.0.1 7000 </dev/null; do sleep 0.1; done
		(i=0; while :; do i=$((i + 1)); echo $i; sleep 0.1; done) | nc 127.0.0.1 7000 | while read -r n; do echo $n >/tmp/n; done
		echo over >/tmp/over; sleep 1000'
	start
	wait_for 120 test -s rootfs/tmp/n
}

# talks_on N - what went through the connection before is followed by more of it.
talks_on() {
	wait_for 120 counts_on "$1"
	[ ! -e rootfs/tmp/over ]
}

# refused_dump OPTION... - fails with one line, which is $output, and the container and its connection go on.
refused_dump() {
	local n
	run checkpoint "$@"
	is "$status" 1
	one_line "$output"
	is "$(status_of)" running
	n=$(count)
	talks_on "$n"
}

@test "an open TCP connection goes on, twice" {
	talk
	checkpoint --tcp-established
	for time in first second; do
		n=$(count)
		restore --tcp-established
		talks_on "$n"
		end
	done
}

@test "without --tcp-established it is refused, and goes on, three times" {
	talk
	for time in first second third; do
		refused_dump
		has "$output" "--tcp-established"
	done
	n=$(count)
	checkpoint --tcp-established --leave-running
	talks_on "$n"
}

@test "--tcp-close: both ends find it closed" {
	talk
	checkpoint --tcp-close
	restore --tcp-close
	wait_for 120 test -e rootfs/tmp/over
	is "$(status_of)" running
}

@test "--tcp-skip-in-flight: what nobody has accepted yet" {
	shell 'exec 2>/dev/null; nc -ll -p 7000 -e cat & server=$!; until nc -w 1 127.0.0.1 7000 </dev/null; do sleep 0.1; done
		kill -STOP $server; (sleep 1000) | nc 127.0.0.1 7000 & i=0; while :; do i=$((i + 1)); (echo $i >/tmp/n); sleep 0.1; done'
	start
	wait_for 120 test -s rootfs/tmp/n
	wait_for 120 hull exec "$ID" grep -q ':1B58 01 ' /proc/net/tcp
	refused_dump --tcp-established
	has "$output" "In-flight connection"
	n=$(count)
	checkpoint --tcp-established --tcp-skip-in-flight
	restore --tcp-established --tcp-skip-in-flight
	talks_on "$n"
}

@test "--network-lock: each way, and nothing of it stays behind" {
	talk
	for way in iptables nftables skip; do
		n=$(count)
		IMAGES=$IMAGES-$way checkpoint --tcp-established --leave-running --network-lock "$way"
		talks_on "$n"
		! nsenter -t "$(pid_of)" -n iptables-save | grep -i criu || false
		! nsenter -t "$(pid_of)" -n cat /proc/net/nf_tables 2>/dev/null | grep -i criu || false
	done
	for way in nftables iptables; do
		n=$(count)
		IMAGES=$BATS_TEST_TMPDIR/again-$way checkpoint --tcp-established --network-lock "$way"
		IMAGES=$BATS_TEST_TMPDIR/again-$way restore --tcp-established --network-lock "$way"
		talks_on "$n"
		! nsenter -t "$(pid_of)" -n iptables-save | grep -i criu || false
	done
}

@test "--empty-ns network: what it holds is left to others" {
	counter
	nsenter -t "$(pid_of)" -n ip address add 192.0.2.7/32 dev lo
	checkpoint --leave-running
	n=$(count)
	IMAGES=$IMAGES-empty checkpoint --empty-ns network
	IMAGES=$IMAGES-empty restore --empty-ns network
	talks_on "$n"
	! nsenter -t "$(pid_of)" -n ip address show | grep 192.0.2.7 || false
	end
	n=$(count)
	restore
	talks_on "$n"
	nsenter -t "$(pid_of)" -n ip address show | grep 192.0.2.7
}

@test "redis with data, twice" {
	command -v redis-server || skip "there is no redis-server here"
	with_usr
	redis() {
		hull exec "$ID" redis-cli --raw "$@"
	}
	answers() {
		[ "$(redis ping)" = PONG ]
	}
	args redis-server --port 6379 --dir /tmp --save '' --logfile /tmp/log
	start
	wait_for 120 answers
	is "$(redis eval 'for i = 1, 5000 do redis.call("set", "key" .. i, string.rep("x", i % 100) .. i) end return "all"' 0)" all
	redis lpush times zeroth
	checkpoint
	for time in first second; do
		restore
		wait_for 120 answers
		is "$(redis dbsize)" 5001
		is "$(redis get key4321)" xxxxxxxxxxxxxxxxxxxxx4321
		redis lpush times $time
		is "$(redis lrange times 0 -1 | xargs)" "$time zeroth"
		end
	done
}

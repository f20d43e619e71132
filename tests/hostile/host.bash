# SPDX-License-Identifier: LGPL-2.1-or-later
# host.bash - what no container may change, taken before the first test of a file and compared after the last.
#
# Only what changes by itself, or by who else works on the machine, is left out.

# Sysctls that are counters, random, or of network devices that come and go.
HOST_VOLATILE='/(random|uuid|boot_id)|(file|inode|dentry|aio|quota|pty|keys|dquot)[-/_]?(nr|state)|/pty/nr|ns_last_pid|sched_domain|/(conf|neigh)/|nf_conntrack_count|drop_caches|perf_event|stat_refresh|compact_memory|/netdev_rss_key|/mq_nr|cpu_scale|uevent_seqnum|tcp_fastopen_key|/fs/binfmt_misc/|/kernel/cad_pid|tainted|/flush$|/inode-|max_lock_depth|/fs/quota/'

host_state() {
	find / -maxdepth 1 -printf '%p %y %m %U:%G %l\n' | sort
	find /dev -maxdepth 1 ! -name 'loop*' ! -name 'dm-*' -printf '%p %y %m %U:%G %l\n' | sort
	stat -c '%n %t:%T' /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/ptmx
	sha256sum /etc/passwd /etc/group /etc/hosts /etc/shadow "$HULL"
	stat -c '%n %a %U:%G %i %s' "$HULL" "${HULL%/*}"
	awk '$5 !~ /^\/tmp\/|\/bats-run-/ {
			for (i = 7; $i != "-"; i++);
			print $3, $4, $5, $6, $(i + 1), $(i + 2), $(i + 3)
		}' /proc/self/mountinfo | sort
	find /proc/sys -type f -perm -u=r 2>/dev/null | grep -vE "$HOST_VOLATILE" | sort | xargs grep -s -m 20 '' /dev/null || :
}

host_before() {
	host_state >"$BATS_FILE_TMPDIR/host"
}

host_after() {
	host_state >"$BATS_FILE_TMPDIR/host.after"
	diff "$BATS_FILE_TMPDIR/host" "$BATS_FILE_TMPDIR/host.after"
}

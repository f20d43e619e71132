// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_cli.c - from a command line to the call of container.h that it means, and back to an exit status. */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_container.h"

static int fresh(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static struct fake_call *only_call(const char *function)
{
	assert_int_equal(fake->n_calls, 1);
	assert_string_equal(fake->calls[0].function, function);
	return &fake->calls[0];
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void succeeds(const char *line)
{
	assert_int_equal(fake_hull(line), 0);
	assert_string_equal(fake->err, "");
}

/* One line on stderr, nothing on stdout, nothing done. */
static void refuses(const char *line, const char *text)
{
	assert_int_equal(fake_hull(line), 1);
	assert_string_equal(fake->out, "");
	assert_contains(fake->err, text);
	assert_ptr_equal(strchr(fake->err, '\n'), fake->err + fake->err_size - 1);
	assert_int_equal(fake->n_calls, 0);
}

/* ---- create, run, start ---- */

static void test_create_as_engines_call_it(void **state)
{
	struct fake_call *call;

	(void)state;
	succeeds(
		"--root /run/containerd/runc/k8s.io --log /dev/null --log-format json --systemd-cgroup create --bundle /b "
		"--pid-file /b/init.pid --console-socket /tmp/pty/pty.sock --no-pivot --no-new-keyring --pidfd-socket /p "
		"--preserve-fds 2 c1");
	call = only_call("create");
	assert_string_equal(call->id, "c1");
	assert_string_equal(call->root, "/run/containerd/runc/k8s.io");
	assert_int_equal(call->manager, CGROUP_SYSTEMD);
	assert_string_equal(call->bundle, "/b");
	assert_string_equal(call->pid_file, "/b/init.pid");
	assert_string_equal(call->console_socket, "/tmp/pty/pty.sock");
	assert_string_equal(call->pidfd_socket, "/p");
	assert_int_equal(call->options.preserve_fds, 2);
	assert_true(call->options.no_pivot && call->options.no_new_keyring);
}

static void test_create_defaults(void **state)
{
	struct fake_call *call;

	(void)state;
	succeeds("create c1");
	call = only_call("create");
	assert_string_equal(call->root, "(null)");
	assert_string_equal(call->bundle, "(null)");
	assert_string_equal(call->config, "(null)");
	assert_string_equal(call->pid_file, "(null)");
	assert_int_equal(call->manager, CGROUP_FS);
	assert_int_equal(call->options.preserve_fds, 0);
	assert_false(call->options.no_pivot || call->options.no_new_keyring || call->options.keep || call->debug);
}

static void test_create_takes_what_callers_send_needlessly(void **state)
{
	(void)state;
	succeeds("--criu /usr/sbin/criu --rootless=false create -b /b --no-subreaper --detach -f other.json c1");
	assert_string_equal(only_call("create")->config, "other.json");
	succeeds("--rootless create c1");
	succeeds("--rootless auto create -d c1");
	succeeds("--root=/a --root=/r --systemd-cgroup --systemd-cgroup create --bundle /b c1 --pid-file /p");
	assert_string_equal(only_call("create")->root, "/r");
	assert_string_equal(only_call("create")->pid_file, "/p");
}

static void test_managers(void **state)
{
	(void)state;
	succeeds("--cgroup-manager disabled create c");
	assert_int_equal(only_call("create")->manager, CGROUP_DISABLED);
	succeeds("--cgroup-manager=systemd create c");
	assert_int_equal(only_call("create")->manager, CGROUP_SYSTEMD);
	succeeds("--systemd-cgroup --cgroup-manager=cgroupfs create c");
	assert_int_equal(only_call("create")->manager, CGROUP_FS);
	succeeds("--cgroup-manager=disabled --systemd-cgroup create c");
	assert_int_equal(only_call("create")->manager, CGROUP_SYSTEMD);
	succeeds("--cgroup-manager=systemd --systemd-cgroup=false create c");
	assert_int_equal(only_call("create")->manager, CGROUP_FS);
	refuses("--cgroup-manager=other create c", "it is one of cgroupfs, systemd, disabled");
}

static void test_run(void **state)
{
	(void)state;
	fake->run_status = 137;
	assert_int_equal(fake_hull("--log /dev/null --log-format json run --bundle /b --no-pivot --keep c1"), 137);
	assert_true(only_call("run")->options.keep);
	assert_false(only_call("run")->options.detach);
	fake->run_status = 0;
	succeeds("run -d --no-subreaper --keep=false c1");
	assert_true(only_call("run")->options.detach && only_call("run")->options.no_subreaper);
	assert_false(only_call("run")->options.keep);
	fake->fails_on = "c1";
	fake->fail_code = ERR_EXECUTABLE;
	fake->run_status = 137;
	assert_int_equal(fake_hull("run c1"), 1);
}

static void test_exec_as_engines_call_it(void **state)
{
	struct fake_call *call;

	(void)state;
	succeeds("--root /r --log /dev/null --log-format json exec --process /p --console-socket /s --detach --pid-file /f c1");
	call = only_call("exec");
	assert_string_equal(call->process, "/p");
	assert_string_equal(call->console_socket, "/s");
	assert_string_equal(call->pid_file, "/f");
	assert_true(call->exec.detach && !call->exec.tty && !call->exec.ignore_paused);
	assert_string_equal(call->lists, "");
	succeeds("exec --pid-file F --process P --detach --tty --preserve-fds 3 --no-subreaper c1");
	assert_true(only_call("exec")->exec.tty);
	assert_int_equal(only_call("exec")->exec.preserve_fds, 3);
	succeeds("exec -d --console-socket=S --tty --pid-file=P c1 ls -l --process x");
	assert_string_equal(only_call("exec")->lists, "args=ls args=-l args=--process args=x ");
	assert_string_equal(only_call("exec")->process, "(null)");
}

static void test_exec_as_people_call_it(void **state)
{
	struct fake_call *call;

	(void)state;
	succeeds("exec -t -u 1:2 -e A=b --env C= -g 5 -g 6 --cwd /tmp -c CAP_KILL --cgroup cpu:x --cgroup y c1 sh -c x");
	call = only_call("exec");
	assert_string_equal(call->user, "1:2");
	assert_string_equal(call->cwd, "/tmp");
	assert_string_equal(call->lists,
			    "args=sh args=-c args=x env=A=b env=C= gid=5 gid=6 cap=CAP_KILL cgroup=cpu:x cgroup=y ");
	assert_int_equal(call->exec.no_new_privileges, 0);
	succeeds("exec --no-new-privs --tty=false c1 a");
	assert_int_equal(only_call("exec")->exec.no_new_privileges, 1);
	assert_false(only_call("exec")->exec.tty);
	succeeds("exec --no-new-privs=false --ignore-paused c1 a");
	assert_int_equal(only_call("exec")->exec.no_new_privileges, 2);
	assert_true(only_call("exec")->exec.ignore_paused);
}

static void test_exec_status(void **state)
{
	(void)state;
	fake->run_status = 130;
	assert_int_equal(fake_hull("exec c1 true"), 130);
	fake->fails_on = "c1";
	fake->fail_code = ERR_STATE;
	assert_int_equal(fake_hull("exec c1 true"), 255);
	assert_string_equal(fake->err, "hull: exec: fake failure\n");
	fake->fails_on = NULL;
	refuses("exec", "ID is missing");
	refuses("exec --nonsense c1 true", "unknown option --nonsense");
}

static void test_start(void **state)
{
	(void)state;
	succeeds("--root /r start c1");
	assert_string_equal(only_call("start")->id, "c1");
	refuses("start", "ID is missing (see hull start --help)");
	refuses("start a b", "unexpected argument \"b\" (see hull start --help)");
	refuses("start --force a", "unknown option --force");
}

static void test_update(void **state)
{
	(void)state;
	succeeds("update --memory 64m --pids-limit=0 c1");
	assert_int_equal(only_call("update")->memory, 64 << 20);
	assert_int_equal(only_call("update")->pids, 0);
	succeeds("update --memory -1 c1");
	assert_int_equal(only_call("update")->memory, -1);
	assert_int_equal(only_call("update")->pids, -7);
	succeeds("update --resources - c1");
	assert_string_equal(only_call("update")->process, "-");
	succeeds("update --resources=/r --kernel-memory 5 --verbose c1");
	assert_string_equal(fake->out, "fake 1\n");
	refuses("update --memory 64x c1", "--memory: \"64x\" is no number of bytes");
	refuses("update --memory -1k c1", "is no number of bytes");
	refuses("update --memory 9223372036854775807k c1", "is no number of bytes");
	refuses("update --pids-limit many c1", "--pids-limit: \"many\"");
	refuses("update --blkio-weight 70000 c1", "--blkio-weight");
	refuses("update", "ID is missing");
}

static void test_events(void **state)
{
	static const struct {
		const char *text;
		int ms;
	} good[] = { { "5s", 5000 }, { "500ms", 500 }, { "1m30s", 90000 }, { "1.5s", 1500 }, { "1ns", 1 }, { "2h", 7200000 } };
	static const char *const bad[] = { "0", "0s", "5", "s", "-1s", "1x", "1s2", "", "." };
	char line[64];

	(void)state;
	succeeds("events c1");
	assert_int_equal(only_call("events")->signal, 5000);
	assert_string_equal(fake->out, "event\n");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(line, sizeof(line), "events --interval %s c1", good[i].text);
		succeeds(line);
		assert_int_equal(only_call("events")->signal, good[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(line, sizeof(line), "events --interval=%s c1", bad[i]);
		refuses(line, "is no duration above 0");
	}
	succeeds("events --stats c1 c2");
	assert_string_equal(fake->out, "stats of c1\nstats of c2\n");
	refuses("events", "ID is missing");
	refuses("events c1 c2", "several IDs go with --stats only");
	refuses("events --all", "--all goes with --stats");
	refuses("events --stats --all c1", "--all goes with --stats");
	refuses("events --format openmetrics c1", "--format openmetrics goes with --stats only");
}

static void test_pause_and_resume(void **state)
{
	(void)state;
	succeeds("--root /r pause c1");
	assert_string_equal(only_call("pause")->id, "c1");
	succeeds("resume c1");
	assert_string_equal(only_call("resume")->id, "c1");
	refuses("pause", "ID is missing (see hull pause --help)");
	refuses("resume a b", "unexpected argument \"b\" (see hull resume --help)");
}

/* ---- kill ---- */

static void test_doctor(void **state)
{
	(void)state;
	fake_reset();
	assert_int_equal(fake_hull("doctor /images"), 1);
	assert_string_equal(fake->calls[0].function, "doctor");
	assert_string_equal(fake->calls[0].id, "/images");
	assert_non_null(strstr(fake->out, "\na                 MISSING  b\"c\n"));
	assert_non_null(strstr(fake->out, "means: d\n"));
	assert_non_null(strstr(fake->out, "do: e\n\n1 of what hull needs is missing.\n"));
	fake_reset();
	assert_int_equal(fake_hull("doctor --format json"), 1);
	assert_non_null(strstr(fake->out, "{\"name\":\"a\",\"needed\":true,\"result\":\"fails\",\"found\":\"b\\\"c\",\"meaning\":\"d\",\"remedy\":\"e\"}"));
	assert_non_null(strstr(fake->out, "\"well\": false\n}\n"));
	assert_string_equal(fake->err, "");
}

static void test_kill_signals(void **state)
{
	const struct {
		const char *word;
		int signal;
	} rows[] = {
		{ "", SIGTERM },        { "9", SIGKILL },      { "KILL", SIGKILL }, { "SIGKILL", SIGKILL },
		{ "sigkill", SIGKILL }, { "kill", SIGKILL },   { "0", 0 },          { "15", SIGTERM },
		{ "HUP", SIGHUP },      { "RTMIN", SIGRTMIN }, { "64", 64 },        { "RTMIN+3", SIGRTMIN + 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "kill c1 %s", rows[i].word);
		succeeds(line);
		assert_int_equal(only_call("kill")->signal, rows[i].signal);
		assert_false(only_call("kill")->all);
	}
}

static void test_kill_forms(void **state)
{
	(void)state;
	succeeds("kill --all c1 9");
	assert_true(only_call("kill")->all);
	succeeds("kill -a c1 15");
	assert_true(only_call("kill")->all);
	succeeds("kill --all=false c1 9");
	assert_false(only_call("kill")->all);
	refuses("kill c1 NOSUCH", "unknown signal \"NOSUCH\"");
	refuses("kill c1 ''", "unknown signal \"\"");
	refuses("kill c1 -9", "unknown signal \"-9\"");
	refuses("kill c1 65", "unknown signal \"65\"");
	refuses("kill c1 9 --all", "unexpected argument \"--all\"");
	refuses("kill", "ID is missing");
}

/* ---- delete, --regex ---- */

static void test_delete(void **state)
{
	(void)state;
	succeeds("delete c1");
	assert_false(only_call("delete")->force);
	succeeds("delete --force c1");
	assert_true(only_call("delete")->force);
	succeeds("delete c1 -f");
	assert_true(only_call("delete")->force);
	refuses("delete --force", "ID is missing");
}

static void test_regex(void **state)
{
	(void)state;
	fake->ids[0] = "a1";
	fake->ids[1] = "a2";
	fake->ids[2] = "b1";
	succeeds("delete -fr ^a[0-9]$");
	assert_int_equal(fake->n_calls, 2);
	assert_string_equal(fake->calls[0].id, "a1");
	assert_string_equal(fake->calls[1].id, "a2");
	assert_true(fake->calls[0].force && fake->calls[1].force);
	succeeds("kill --regex (a2|b) HUP");
	assert_int_equal(fake->n_calls, 2);
	assert_string_equal(fake->calls[1].id, "b1");
	assert_int_equal(fake->calls[1].signal, SIGHUP);
	succeeds("kill --regex nothing HUP");
	assert_int_equal(fake->n_calls, 0);
	succeeds("kill ^a HUP");
	assert_string_equal(only_call("kill")->id, "^a");
	refuses("delete --regex a(", "is not a regular expression");
}

static void test_regex_goes_on(void **state)
{
	(void)state;
	fake->ids[0] = "a1";
	fake->ids[1] = "a2";
	fake->fails_on = "a1";
	fake->fail_code = ERR_STATE;
	assert_int_equal(fake_hull("delete --regex a"), 1);
	assert_int_equal(fake->n_calls, 2);
	assert_string_equal(fake->err, "hull: delete: a1: fake failure\n");
	fake->fail_code = ERR_NOT_FOUND;
	succeeds("delete --regex a");
	assert_int_equal(fake->n_calls, 2);
}

/* ---- state, list ---- */

static void test_state(void **state)
{
	(void)state;
	succeeds("state annotated");
	assert_string_equal(fake->out, "{\n"
				       "  \"ociVersion\": \"1.2.0\",\n"
				       "  \"id\": \"annotated\",\n"
				       "  \"pid\": 4711,\n"
				       "  \"status\": \"running\",\n"
				       "  \"bundle\": \"/b\",\n"
				       "  \"rootfs\": \"/b/rootfs\",\n"
				       "  \"created\": \"2026-01-02T03:04:05.000006Z\",\n"
				       "  \"annotations\": {\n"
				       "    \"org.example.a\": \"1\",\n"
				       "    \"b\": \"say \\\"hi\\\"\"\n"
				       "  },\n"
				       "  \"owner\": \"root\"\n"
				       "}\n");
	succeeds("state stopped");
	assert_contains(fake->out, "\"pid\": 0,\n");
	assert_contains(fake->out, "\"status\": \"stopped\"");
	assert_contains(fake->out, "\"owner\": \"#4000000123\"\n}\n");
	assert_null(strstr(fake->out, "annotations"));
	succeeds("state creating");
	assert_contains(fake->out, "\"status\": \"creating\"");
	assert_null(strstr(fake->out, "\"created\""));
	refuses("state", "ID is missing");
}

static void test_ps(void **state)
{
	(void)state;
	succeeds("ps --format json c1");
	assert_string_equal(fake->out, "[17,4711]\n");
	succeeds("ps -f json stopped");
	assert_string_equal(fake->out, "[]\n");
	refuses("ps --format yaml c1", "it is one of table, json");
	refuses("ps", "ID is missing");
}

static void test_list(void **state)
{
	(void)state;
	succeeds("list");
	assert_string_equal(fake->out, "ID          PID         STATUS      BUNDLE      CREATED     OWNER\n");
	succeeds("list --format json");
	assert_string_equal(fake->out, "[]\n");
	succeeds("list --quiet");
	assert_string_equal(fake->out, "");

	fake->ids[0] = "one";
	fake->ids[1] = "long";
	fake->ids[2] = "stopped";
	succeeds("list -f table");
	assert_string_equal(
		fake->out,
		"ID          PID         STATUS      BUNDLE                          CREATED                       OWNER\n"
		"one         4711        running     /b                              2026-01-02T03:04:05.000006Z   root\n"
		"long        4711        running     /a/very/long/name/of/a/bundle   2026-01-02T03:04:05.000006Z   root\n"
		"stopped     0           stopped     /b                              2026-01-02T03:04:05.000006Z   "
		"#4000000123\n");
	succeeds("list -q");
	assert_string_equal(fake->out, "one\nlong\nstopped\n");
	fake->ids[0] = "creating";
	fake->ids[1] = NULL;
	succeeds("list");
	assert_contains(fake->out, "\ncreating    0           creating    /b          -           root\n");
	refuses("list --format yaml", "--format cannot be \"yaml\": it is one of table, json");
	refuses("list x", "unexpected argument \"x\"");
}

static void test_gc(void **state)
{
	(void)state;
	succeeds("gc --dry-run");
	assert_string_equal(fake->out, "ID                      REASON       RESULT       CGROUP\n"
				 "c1                      create       found        /hull/c1\n"
				 "c2                      reboot       found        -\n");
	succeeds("gc --format json");
	assert_string_equal(fake->out, "[{\"id\":\"c1\",\"reason\":\"create\",\"cgroupDriver\":\"fs2\",\"cgroup\":\"/hull/c1\",\"removed\":true},"
				 "{\"id\":\"c2\",\"reason\":\"reboot\",\"cgroupDriver\":\"\",\"cgroup\":\"\","
				 "\"error\":\"it \\\"sticks\\\"\",\"removed\":false}]\n");
	refuses("gc x", "unexpected argument \"x\"");
}

static void test_list_json_and_the_broken(void **state)
{
	(void)state;
	fake->ids[0] = "broken";
	fake->ids[1] = "one";
	fake->fails_on = "broken";
	fake->fail_code = ERR_CONFIG;
	succeeds("list --format=json");
	assert_string_equal(
		fake->out,
		"[{\"ociVersion\":\"1.2.0\",\"id\":\"one\",\"pid\":4711,\"status\":\"running\",\"bundle\":\"/b\","
		"\"rootfs\":\"/b/rootfs\",\"created\":\"2026-01-02T03:04:05.000006Z\",\"owner\":\"root\"}]\n");
}

/* ---- checkpoint and restore: the command lines of engines ---- */

static void test_checkpoint(void **state)
{
	const struct fake_call *call;

	(void)state;
	succeeds("checkpoint --image-path /i --work-path /w --parent-path ../p --tcp-established --ext-unix-sk --shell-job "
		 "--page-server 10.0.0.1:27 --file-locks --manage-cgroups-mode ignore --empty-ns network --lazy-pages "
		 "--status-fd 3 --leave-running --leave-running --pre-dump c1");
	call = only_call("checkpoint");
	assert_string_equal(call->id, "c1");
	assert_string_equal(call->images, "/i");
	assert_string_equal(call->work, "/w");
	assert_string_equal(call->lists, "network");
	assert_true(call->criu.tcp_established && call->criu.ext_unix_sk && call->criu.shell_job && call->criu.file_locks &&
		    call->criu.lazy_pages && call->criu.leave_running && call->pre_dump);
	assert_int_equal(call->criu.manage_cgroups, CRIU_CGROUPS_IGNORE);
	assert_int_equal(call->criu.status_fd, 3);
	succeeds("checkpoint c2");
	call = only_call("checkpoint");
	assert_string_equal(call->images, "(null)");
	assert_int_equal(call->criu.manage_cgroups, CRIU_CGROUPS_SOFT);
	assert_false(call->criu.leave_running || call->criu.file_locks || call->pre_dump || call->criu.tcp_close);
	succeeds("checkpoint --network-lock=nftables --tcp-close --tcp-skip-in-flight --link-remap --auto-dedup c1");
	call = only_call("checkpoint");
	assert_int_equal(call->criu.network_lock, CRIU_LOCK_NFTABLES);
	assert_true(call->criu.tcp_close && call->criu.tcp_skip_in_flight && call->criu.link_remap && call->criu.auto_dedup);
	refuses("checkpoint --manage-cgroups-mode none c1", "--manage-cgroups-mode cannot be \"none\"");
	refuses("checkpoint", "ID is missing");
	/* Podman and CRI-O ask so whether it can be done at all. */
	assert_int_equal(fake_hull("checkpoint --help"), 0);
}

static void test_restore(void **state)
{
	const struct fake_call *call;

	(void)state;
	succeeds("restore --image-path /i --work-path /w --tcp-established --file-locks --detach --pid-file /p "
		 "--console-socket /s --no-pivot -no-subreaper --bundle /b c1");
	call = only_call("restore");
	assert_string_equal(call->bundle, "/b");
	assert_string_equal(call->images, "/i");
	assert_string_equal(call->pid_file, "/p");
	assert_string_equal(call->console_socket, "/s");
	assert_true(call->options.detach && call->options.no_subreaper && call->criu.tcp_established);
	succeeds("restore --bundle /b --pid-file /p --no-new-keyring --detach --image-path /i --work-path /b --preserve-fds 2 "
		 "--tcp-close --lsm-profile=selinux:a_u:b_r:c_t:s0 --lsm-mount-context=system_u c1");
	call = only_call("restore");
	assert_string_equal(call->lists, "selinux:a_u:b_r:c_t:s0");
	assert_true(call->criu.tcp_close);
	assert_int_equal(call->options.preserve_fds, 0);
	succeeds("restore --parent-path ../p --leave-running --page-server a:1 --status-fd 3 c1");
	assert_string_equal(only_call("restore")->id, "c1");
	/* Podman asks so whether pods can be restored. */
	refuses("restore --lsm-mount-context", "flag needs an argument: --lsm-mount-context");
}

/* ---- what is wrong, and where it is said ---- */

static void test_usage(void **state)
{
	(void)state;
	refuses("", "hull: no command given (see hull --help)\n");
	refuses("mounts c1", "hull: this release has no command \"mounts\" (see hull --help)\n");
	refuses("attach --help", "this release has no command \"attach\"");
	refuses("--unknown create c", "hull: unknown option --unknown (see hull --help)\n");
	refuses("create --unknown c", "hull: create: unknown option --unknown (see hull create --help)\n");
	refuses("create c --root /r", "--root goes before the command: hull --root ... create");
	refuses("create --bundle", "flag needs an argument: --bundle");
	refuses("--log-format yaml create c", "--log-format cannot be \"yaml\": it is one of text, json");
	refuses("--log-level all create c", "it is one of error, warning, info, debug");
	refuses("--log", "flag needs an argument: --log");
}

static void test_errors_go_to_log_too(void **state)
{
	char dir[] = "/tmp/hull-test-XXXXXX", line[256], path[64], log[4096] = "";
	FILE *file;
	size_t n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/log", dir);
	fake->fails_on = "c1";
	fake->fail_code = ERR_STATE;
	snprintf(line, sizeof(line), "--log %s --log-format json start c1", path);
	assert_int_equal(fake_hull(line), 1);
	assert_string_equal(fake->err, "hull: start: fake failure\n");
	snprintf(line, sizeof(line), "--log %s --log-format=json start", path);
	assert_int_equal(fake_hull(line), 1);
	snprintf(line, sizeof(line), "--log %s --log-format=json frobnicate", path);
	assert_int_equal(fake_hull(line), 1);

	file = fopen(path, "r");
	assert_non_null(file);
	n = fread(log, 1, sizeof(log) - 1, file);
	log[n] = '\0';
	fclose(file);
	unlink(path);
	rmdir(dir);
	assert_contains(log, "\"level\":\"error\",\"msg\":\"fake failure\"");
	assert_contains(log,
			"\"code\":\"usage\",\"level\":\"error\",\"msg\":\"ID is missing (see hull start --help)\"");
	assert_contains(log, "this release has no command");
	refuses("--log /nonexistent/log start c1", "no such file or directory");
}

static void test_version(void **state)
{
	static const char *const forms[] = { "--version", "-v", "-V", "-version", "--root /r --version create" };

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const char *first;

		succeeds(forms[i]);
		assert_int_equal(strncmp(fake->out, "hull version ", 13), 0);
		first = strstr(fake->out, "version");
		assert_null(strstr(first + 1, "version"));
		assert_contains(fake->out, "\ncommit: ");
		assert_contains(fake->out, "\nspec: 1.");
		assert_int_equal(fake->n_calls, 0);
	}
}

static void test_full_stdout(void **state)
{
	static const char *const lines[] = { "--version", "--help", "list", "state c1", "features", "spec --file -" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(fake_hull_to("/dev/full", lines[i]), 1);
		assert_contains(fake->err, "cannot write to stdout: no space left on device");
	}
}

/* ---- spec ---- */

static void test_spec_file(void **state)
{
	char dir[] = "/tmp/hull-test-XXXXXX", line[256], path[64];
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/config.json", dir);
	snprintf(line, sizeof(line), "spec --bundle %s", dir);
	succeeds(line);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 1000);
	assert_int_equal(fake_hull(line), 1);
	assert_string_equal(fake->err, "hull: spec: cannot make config.json: file exists\n");
	snprintf(line, sizeof(line), "spec -b %s -f other.json", dir);
	succeeds(line);
	unlink(path);
	snprintf(path, sizeof(path), "%s/other.json", dir);
	assert_int_equal(unlink(path), 0);
	/* A link that points to nothing is a file that exists. */
	snprintf(path, sizeof(path), "%s/config.json", dir);
	assert_int_equal(symlink("elsewhere", path), 0);
	snprintf(line, sizeof(line), "spec --bundle=%s", dir);
	assert_int_equal(fake_hull(line), 1);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
	refuses("spec --bundle /nonexistent", "cannot open the directory /nonexistent: no such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_create_as_engines_call_it, fresh),
		cmocka_unit_test_setup(test_create_defaults, fresh),
		cmocka_unit_test_setup(test_create_takes_what_callers_send_needlessly, fresh),
		cmocka_unit_test_setup(test_managers, fresh),
		cmocka_unit_test_setup(test_run, fresh),
		cmocka_unit_test_setup(test_exec_as_engines_call_it, fresh),
		cmocka_unit_test_setup(test_exec_as_people_call_it, fresh),
		cmocka_unit_test_setup(test_exec_status, fresh),
		cmocka_unit_test_setup(test_start, fresh),
		cmocka_unit_test_setup(test_pause_and_resume, fresh),
		cmocka_unit_test_setup(test_checkpoint, fresh),
		cmocka_unit_test_setup(test_restore, fresh),
		cmocka_unit_test_setup(test_events, fresh),
		cmocka_unit_test_setup(test_update, fresh),
		cmocka_unit_test_setup(test_doctor, fresh),
		cmocka_unit_test_setup(test_kill_signals, fresh),
		cmocka_unit_test_setup(test_kill_forms, fresh),
		cmocka_unit_test_setup(test_delete, fresh),
		cmocka_unit_test_setup(test_regex, fresh),
		cmocka_unit_test_setup(test_regex_goes_on, fresh),
		cmocka_unit_test_setup(test_state, fresh),
		cmocka_unit_test_setup(test_ps, fresh),
		cmocka_unit_test_setup(test_gc, fresh),
		cmocka_unit_test_setup(test_list, fresh),
		cmocka_unit_test_setup(test_list_json_and_the_broken, fresh),
		cmocka_unit_test_setup(test_usage, fresh),
		cmocka_unit_test_setup(test_errors_go_to_log_too, fresh),
		cmocka_unit_test_setup(test_version, fresh),
		cmocka_unit_test_setup(test_full_stdout, fresh),
		cmocka_unit_test_setup(test_spec_file, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_criu.c - what goes to criu and comes from it, on the wire; names of what is outside; lines of mountinfo. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/criu_messages.h"
#include "container/descriptors.h"
#include "container/externals.h"
#include "container/mountinfo.h"
#include "container/pagemaps.h"
#include "container/record.h"
#include "container/verification.h"

static bool holds(const void *data, size_t size, const char *bytes, size_t n)
{
	return memmem(data, size, bytes, n) != NULL;
}
#define HOLDS(bytes) holds(data, size, bytes, sizeof(bytes) - 1)

static void test_requests(void **state)
{
	const struct criu_options options = { .tcp_established = true, .leave_running = true, .page_server = "10.0.0.1:27", .parent_path = "../p",
					      .manage_cgroups = CRIU_CGROUPS_IGNORE, .network_lock = CRIU_LOCK_SKIP };
	struct criu_job job = { .type = CRIU_DUMP, .options = &options, .pid = 7, .log_name = "dump.log" };
	struct criu_request rq = { .type = CRIU_VERSION, .keep_open = true };
	void *data;
	size_t size;

	(void)state;
	if (!criu_is_supported())
		skip();
	assert_int_equal(criu_pack(&rq, &data, &size), 0);
	assert_int_equal(size, 4);
	assert_memory_equal(data, "\x08\x0a\x20\x01", 4);
	free(data);

	assert_int_equal(criu_external(&job, "mnt[%s]:%d", "/a", 1), 0);
	assert_int_equal(criu_inherit(&job, "pipe:[9]", 1), 0);
	assert_int_equal(criu_cgroup_root(&job, "", "/x"), 0);
	assert_int_equal(criu_join(&job, "ipc", "/i"), 0);
	rq = (struct criu_request){ .type = CRIU_DUMP, .job = &job };
	assert_int_equal(criu_pack(&rq, &data, &size), 0);
	assert_true(HOLDS("\x10\x07"));				   /* pid */
	assert_true(HOLDS("\x18\x01\x28\x01"));			   /* leave_running, tcp_established */
	assert_true(HOLDS("\x52\x08" "dump.log"));
	assert_true(HOLDS("\x5a\x0c\x0a\x08" "10.0.0.1" "\x10\x1b")); /* page server */
	assert_true(HOLDS("\x72\x04" "../p" "\x78\x01"));	   /* parent, and memory is tracked */
	assert_true(HOLDS("\xca\x01\x06\x0a\x00\x12\x02/x"));	   /* cgroup root, of the controller "" */
	assert_true(HOLDS("\xda\x01\x0c\x0a\x08pipe:[9]\x10\x01"));
	assert_true(HOLDS("\xaa\x02\x09mnt[/a]:1"));
	assert_true(HOLDS("\x90\x02\x00"));			   /* cgroups: ignored */
	assert_true(HOLDS("\xd0\x03\x03"));			   /* network lock: skipped */
	free(data);

	job.type = CRIU_RESTORE; /* to which callers give the words of the checkpoint */
	assert_int_equal(criu_pack(&rq, &data, &size), 0);
	assert_false(HOLDS("10.0.0.1"));
	assert_false(HOLDS("../p"));
	assert_false(HOLDS("\x18\x01\x28\x01"));		   /* leave_running before tcp_established */
	free(data);
	criu_job_free(&job);
}

/* The marks, and the number 7. */
#define PAGEMAP "\x19\x43\x56\x54\x25\x40\x08\x56\x02\0\0\0\x08\x07"

static void test_pagemaps(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		int r;
		uint64_t pages;
	} rows[] = {
#define ROW(text, r, pages) { text, sizeof(text) - 1, r, pages }
		ROW("", -EINVAL, 0),
		ROW("\x19\x43\x56\x54\x25\x40\x08\x57\x02\0\0\0\x08\x07", -EINVAL, 0),
		ROW("\x19\x43\x56\x54\x25\x40\x08\x56\x02\0\0\0\x10\x07", -EINVAL, 0), /* no number */
		ROW(PAGEMAP, 0, 0),
		ROW(PAGEMAP "\x06\0\0\0\x08\x00\x10\x05\x20\x04", 0, 5),
		ROW(PAGEMAP "\x04\0\0\0\x08\x00\x10\x05", 0, 5),		    /* before there were flags */
		ROW(PAGEMAP "\x06\0\0\0\x08\x00\x10\x05\x18\x01", 0, 0),	    /* in the parent */
		ROW(PAGEMAP "\x06\0\0\0\x08\x00\x10\x05\x20\x01", 0, 0),
		ROW(PAGEMAP "\x07\0\0\0\x08\x00\x28\x81\x01\x20\x06", 0, 129),	    /* the wider number */
		ROW(PAGEMAP "\x04\0\0\0\x08\x00\x10\x05\x04\0\0\0\x08\x00\x10\x06", 0, 11),
		ROW(PAGEMAP "\x05\0\0\0\x08\x00\x10\x05", -EINVAL, 0),		    /* cut short */
		ROW(PAGEMAP "\x01\0", -EINVAL, 0),
		ROW(PAGEMAP "\xff\xff\xff\xff", -EINVAL, 0),
		ROW(PAGEMAP "\x02\0\0\0\x12\x00", -EINVAL, 0),			    /* no number */
		ROW(PAGEMAP "\x02\0\0\0\x10\x80", -EINVAL, 0),
		ROW(PAGEMAP "\x0b\0\0\0\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
			    "\x02\0\0\0\x10\x01", -EINVAL, 0),			    /* too many */
#undef ROW
	};

	(void)state;
	if (!criu_is_supported())
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t id = 0, pages = 0;
		int r = pagemap_parse(rows[i].text, rows[i].size, &id, &pages);

		if (r != rows[i].r)
			fail_msg("row %zu: %d", i, r);
		if (r == 0 && (id != 7 || pages != rows[i].pages))
			fail_msg("row %zu: %llu, %llu pages", i, (unsigned long long)id, (unsigned long long)pages);
	}
}

static void test_replies(void **state)
{
	struct criu_reply reply;

	(void)state;
	if (!criu_is_supported())
		skip();
	assert_int_equal(criu_unpack("\x08\x0a\x10\x01\x52\x06\x08\x04\x10\x01\x20\x02", 12, &reply), 0);
	assert_true(reply.success && reply.type == CRIU_VERSION);
	assert_int_equal(reply.version, 40102);
	assert_int_equal(criu_unpack("\x08\x0a\x10\x01\x52\x08\x08\xff\xff\xff\xff\x07\x10\x01", 14, &reply), 0);
	assert_int_equal(reply.version, 0);
	assert_int_equal(criu_unpack("\x08\x06\x10\x01\x2a\x0c\x0a\x08pre-dump\x10\x05", 18, &reply), 0);
	assert_string_equal(reply.script, "pre-dump");
	assert_int_equal(reply.pid, 5);
	assert_int_equal(criu_unpack("\x08\x01\x10\x00\x38\x1c\x4a\x02no", 10, &reply), 0);
	assert_false(reply.success);
	assert_int_equal(reply.error, ENOSPC);
	assert_string_equal(reply.text, "no");
	assert_int_equal(criu_unpack("\xff\xff", 2, &reply), -EBADMSG);
	assert_int_equal(criu_unpack("\x08\x01", 2, &reply), -EBADMSG); /* success is required */
}

static void test_keys(void **state)
{
	static const char *const strange[] = { "/a]:/etc", "/a\nb", "/a b", "/a\"b\"", "/a\\b", "/a'b", "hull-mount-1", "/dev/null", "/twice",
					       "/twice" };
	struct oci_mount mounts[11] = { { .destination = "/etc/hosts" } };
	const struct oci_config config = { .mounts = mounts, .n_mounts = 11 };
	char key[EXTERNAL_MAX];

	(void)state;
	for (size_t i = 1; i < 11; i++)
		mounts[i].destination = (char *)strange[i - 1];
	external_mount_key(&config, 0, key);
	assert_string_equal(key, "/etc/hosts");
	for (size_t i = 1; i < 11; i++) {
		char number[EXTERNAL_MAX];

		external_mount_key(&config, i, key);
		external_mount_number(i, number);
		assert_string_equal(key, number);
	}
	assert_string_equal(external_device(&config, 0), "/dev/null");
	assert_null(external_device(&config, 6));
}

static void test_descriptors(void **state)
{
	struct descriptors found;
	static const char text[] = "[\"/dev/null\",\"pipe:[0123]\",\"file[1f:2a]\",\"pipe:[4]\"]";
	static const char bad[] = "[\"pipe:[1]x\",\"pipe:[-1]\",\"file[1]:2]\"]";

	(void)state;
	assert_int_equal(descriptors_parse(text, sizeof(text) - 1, &found), 0);
	assert_string_equal(found.keys[0], "");
	assert_string_equal(found.keys[1], "pipe:[123]");
	assert_string_equal(found.keys[2], "file[1f:2a]");
	assert_int_equal(descriptors_parse(bad, sizeof(bad) - 1, &found), 0);
	for (int i = 0; i < DESCRIPTORS; i++)
		assert_string_equal(found.keys[i], "");
	assert_int_equal(descriptors_parse("{}", 2, &found), -EINVAL);
	assert_int_equal(descriptors_parse("[1]", 3, &found), -EINVAL);
}

/* In the place of this test's own, for as long as they are named. */
static void note_with(int in, int out, struct hull_record *record, const struct descriptors *restored)
{
	int saved[DESCRIPTORS];

	for (int i = 0; i < DESCRIPTORS; i++)
		saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
	assert_int_equal(dup2(in, 0), 0);
	assert_int_equal(dup2(out, 1), 1);
	(void)close(2);
	assert_int_equal(descriptors_note(record, restored, false), 0);
	for (int i = 0; i < DESCRIPTORS; i++) {
		assert_int_equal(dup2(saved[i], i), i);
		(void)close(saved[i]);
	}
}

static void test_noted(void **state)
{
	static const struct descriptors given = { .keys = { "", "pipe:[1]", "" } };
	struct hull_record *record = oci_new(&hull_record_type);
	char fifo[] = "/tmp/hull-test.XXXXXX";
	char word[64];
	struct stat st;
	int ends[2], named;

	(void)state;
	assert_non_null(record);
	assert_string_equal(descriptors_noted(record, 0), "");
	assert_non_null(mkdtemp(fifo));
	assert_int_equal(rmdir(fifo), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	named = open(fifo, O_RDWR | O_CLOEXEC);
	assert_true(named >= 0);
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fstat(ends[1], &st), 0);
	snprintf(word, sizeof(word), "pipe:[%lu]", (unsigned long)st.st_ino);
	note_with(named, ends[1], record, NULL);
	assert_int_equal(strncmp(descriptors_noted(record, 0), "file[", 5), 0);
	assert_string_equal(descriptors_noted(record, 1), word);
	assert_string_equal(descriptors_noted(record, 2), "");
	/* Of what was restored: where something was put in the place of what the images had. */
	note_with(named, ends[1], record, &given);
	assert_string_equal(descriptors_noted(record, 0), "");
	assert_string_equal(descriptors_noted(record, 1), word);
	(void)close(named);
	(void)close(ends[0]);
	(void)close(ends[1]);
	oci_free(record);
}

static void test_mountinfo(void **state)
{
	const char *text = "36 35 98:0 /mnt1 /a\\040b\\134 rw,ro shared:1 master:2 - ext3 /dev/root rw\n"
			   "37 36 0:6 /null /proc/keys ro - devtmpfs dev rw\n"
			   "x 1 0:1 / / rw - tmpfs a b\n";
	struct mount_line line;

	(void)state;
	assert_int_equal(mountinfo_find(text, 37, &line), 0);
	assert_string_equal(line.root, "/null");
	assert_int_equal(mountinfo_find(text, 38, &line), -ENOENT);
	assert_int_equal(mountinfo_next(&text, &line), 1);
	assert_int_equal(line.id, 36);
	assert_string_equal(line.device, "98:0");
	assert_string_equal(line.root, "/mnt1");
	assert_string_equal(line.target, "/a b\\");
	assert_string_equal(line.options, "rw,ro");
	assert_string_equal(line.type, "ext3");
	assert_int_equal(strncmp(line.super, "rw\n37", 5), 0);
	assert_int_equal(mountinfo_next(&text, &line), 1);
	assert_string_equal(line.type, "devtmpfs");
	assert_int_equal(mountinfo_next(&text, &line), -EINVAL);
	assert_int_equal(mountinfo_next(&text, &line), 0);
}

static void test_labels(void **state)
{
	static const struct {
		const char *options, *labels;
	} rows[] = {
		{ "", "" },
		{ "rw,seclabel,size=1k\n37 36 context=a:b:c", "" },
		{ "rw,context=a:b:c:s0,size=1k", "context a:b:c:s0;" },
		{ "rw,context=\"a:b:c:s0:c1,c2\",inode64", "context a:b:c:s0:c1,c2;" },
		{ "fscontext=a:b:c,rootcontext=\"d,\"\n", "fscontext a:b:c;rootcontext d,;" },
		{ "lowerdir=/context=x,defcontext=y", "defcontext y;" },
		{ "name=\"context=x\",context", "" },
		{ "context=\"open", "context open;" },
		{ "context=", "context ;" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = rows[i].options;
		struct mountinfo_label label;
		char found[128] = "";

		while (mountinfo_next_label(&at, &label))
			snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s %.*s;", label.word, (int)label.length, label.text);
		assert_string_equal(found, rows[i].labels);
	}
}

static void test_mount_labels(void **state)
{
	static const struct {
		const char *label, *option, *lsm, *has, *why; /* of the config twice, --lsm-mount-context, of the images; NULL: they pass */
	} rows[] = {
		{ "", "size=1k", NULL, "rw,size=1k", NULL },
		{ "", "size=1k", NULL, "rw,context=a:b:c", "/m with context a:b:c (--lsm-mount-context CONTEXT)" },
		{ "a:b:c", "size=1k", NULL, "rw,context=a:b:c\n", NULL },
		{ "a:b:c", "size=1k", NULL, "rw,size=1k", "/m without context" },
		{ "a:b:c", "size=1k", NULL, "rw,context=a:b:cd", "/m with context a:b:cd (--lsm-mount-context a:b:c)" },
		{ "a:b:c", "size=1k", NULL, "rw,rootcontext=a:b:c", "/m with rootcontext a:b:c" },
		{ "a:b:c", "size=1k", "d:e:f", "rw,context=d:e:f", NULL },
		{ "a:b:c", "size=1k", "d:e:f", "rw,context=a:b:c", "/m with context a:b:c (--lsm-mount-context d:e:f)" },
		/* The mount's own, in whatever order. */
		{ "a:b:c", "context=d:e:f", NULL, "rw,context=d:e:f", NULL },
		{ "", "context=a:b:c,rootcontext=d:e:f", NULL, "rw,context=a:b:c,rootcontext=d:e:f", NULL },
		{ "", "rootcontext=\"d:e:f:c1,c2\",context=a:b:c", NULL, "rw,context=a:b:c,rootcontext=\"d:e:f:c1,c2\"", NULL },
		{ "", "context=a:b:c,rootcontext=d:e:f", NULL, "rw,context=a:b:c,rootcontext=a:b:c", "/m with rootcontext a:b:c" },
		{ "", "context=a:b:c,rootcontext=d:e:f", NULL, "rw,context=d:e:f,rootcontext=d:e:f", "/m with context d:e:f" },
		{ "", "context=a:b:c,rootcontext=d:e:f", NULL, "rw,rootcontext=d:e:f", "/m without context" },
		{ "", "context=a:b:c,rootcontext=d:e:f", NULL, "rw,context=a:b:c", "/m without rootcontext" },
		{ "", "fscontext=a:b:c,defcontext=d:e:f,rootcontext=g:h:i", NULL, "fscontext=a:b:c,defcontext=d:e:f,rootcontext=g:h:i", NULL },
		{ "", "context=a:b:c", NULL, "context=a:b:c,context=a:b:c", "/m with context a:b:c" },
		/* criu puts it in the place of the first. */
		{ "", "context=a:b:c,rootcontext=d:e:f", "g:h:i", "rw,context=g:h:i,rootcontext=d:e:f", NULL },
		{ "", "context=a:b:c,rootcontext=d:e:f", "g:h:i", "rw,context=a:b:c,rootcontext=g:h:i", "/m with context a:b:c" },
		{ "", "context=a:b:c,rootcontext=d:e:f", "g:h:i", "rw,context=g:h:i,rootcontext=g:h:i", "/m with rootcontext g:h:i" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct oci_linux linux_part = { .mount_label = (char *)rows[i].label };
		struct oci_mount mount = { .destination = (char *)"/m", .type = (char *)"tmpfs", .options = (const char **)&rows[i].option, .n_options = 1 };
		const struct oci_config config = { .linux = &linux_part, .mounts = &mount, .n_mounts = 1 };
		const struct criu_options options = { .lsm_mount_context = rows[i].lsm };
		const struct verification v = { .config = &config, .options = &options, .has_selinux = true };
		struct mount_line line = { .super = rows[i].has };
		struct error err = { 0 };
		int r = verify_mount_label(&v, 0, &line, &err);

		if ((r == 0) != !rows[i].why || (rows[i].why && !strstr(err.text, rows[i].why)))
			fail_msg("row %zu: %s", i, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),  cmocka_unit_test(test_pagemaps),
		cmocka_unit_test(test_replies),   cmocka_unit_test(test_keys),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_noted), cmocka_unit_test(test_mountinfo),
		cmocka_unit_test(test_labels), cmocka_unit_test(test_mount_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

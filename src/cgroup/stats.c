// SPDX-License-Identifier: LGPL-2.1-or-later
/* stats.c - what the kernel counts for a container, as the JSON that `runc events` has made the custom; v1 and v2.
 *
 * A file that a host does not have leaves its members out, or 0 where readers expect them always.  Times are nanoseconds. */
#include "cgroup/private.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"

#define NO_LIMIT UINT64_MAX

struct stats {
	struct cgroup *cgroup;
	struct text *to;
};

/* ---- files ---- */

/* The whole file of the controller's hierarchy, owned by the caller; NULL if there is none. */
static char *read_whole(const struct stats *s, struct hierarchy *h, const char *file)
{
	auto_close int fd = h ? hierarchy_file(s->cgroup, h, file, O_RDONLY) : -1;
	char *text = NULL;

	if (fd < 0 || file_read(fd, 8 << 20, &text, NULL) < 0)
		return NULL;
	return text;
}

/* The hierarchy of a controller: v1's, else the unified one. */
static struct hierarchy *find(const struct stats *s, const char *controller)
{
	struct hierarchy *h = hierarchy_of(s->cgroup, controller);

	return h ? h : hierarchy_unified(s->cgroup);
}

/* A file with one number; "max" is no limit; 0 if there is none. */
static uint64_t read_number(const struct stats *s, struct hierarchy *h, const char *file)
{
	char text[64];

	if (!h || hierarchy_read(s->cgroup, h, file, text, sizeof(text)) <= 0)
		return 0;
	return strcmp(text, "max") == 0 ? NO_LIMIT : strtoull(text, NULL, 10);
}

uint64_t stats_value(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = text; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (strncmp(at, key, length) == 0 && at[length] == ' ')
			return strtoull(at + length + 1, NULL, 10);
	return 0;
}

/* ---- JSON ---- */

/* Words of the kernel are put between quotes as they are. */
static bool is_word(const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isgraph((unsigned char)at[i]) || at[i] == '"' || at[i] == '\\')
			return false;
	return length > 0;
}

/* "12" or "0.00", and nothing else. */
static bool is_decimal(const char *text)
{
	size_t whole = strspn(text, "0123456789"), part;

	if (whole == 0 || (whole > 1 && *text == '0'))
		return false;
	if (!text[whole])
		return true;
	part = strspn(text + whole + 1, "0123456789");
	return text[whole] == '.' && part > 0 && !text[whole + 1 + part];
}

/* A comma, unless something was opened just now. */
static void separate(struct text *to)
{
	if (to->length && !strchr("{[:", to->data[to->length - 1]))
		text_puts(to, ",");
}

static void open_object(struct text *to, const char *key)
{
	separate(to);
	text_printf(to, "\"%s\":{", key);
}

static void put_number(struct text *to, const char *key, uint64_t number)
{
	separate(to);
	text_printf(to, "\"%s\":%" PRIu64, key, number);
}

/* Left out when it is 0. */
static void put_some(struct text *to, const char *key, uint64_t number)
{
	if (number)
		put_number(to, key, number);
}

/* The numbers of "1 2 3", as a list. */
static void put_numbers(struct text *to, const char *key, const char *text)
{
	char *end;

	if (!text || !isdigit((unsigned char)*text))
		return;
	separate(to);
	text_printf(to, "\"%s\":[", key);
	for (const char *at = text; *at; at = end) {
		uint64_t number = strtoull(at, &end, 10);

		if (end == at)
			break;
		separate(to);
		text_printf(to, "%" PRIu64, number);
		end += strspn(end, " \n");
	}
	text_puts(to, "]");
}

/* CPUs or nodes of "0-3,7", as a list. */
static void put_set(struct text *to, const char *key, const char *list)
{
	uint64_t bits[64] = { 0 };
	bool any = false;

	if (!list || !*list || text_to_bits(list, bits, sizeof(bits) * 8) < 0)
		return;
	separate(to);
	text_printf(to, "\"%s\":[", key);
	for (size_t i = 0; i < sizeof(bits) * 8; i++)
		if (bits[i / 64] >> i % 64 & 1) {
			text_printf(to, "%s%zu", any ? "," : "", i);
			any = true;
		}
	text_puts(to, "]");
}

/* Lines "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" and "full ...". */
static void put_psi(struct stats *s, const char *file)
{
	auto_free char *text = read_whole(s, hierarchy_unified(s->cgroup), file);
	char *rest = text;

	if (!text || !*text)
		return;
	open_object(s->to, "psi");
	for (char *line; (line = strsep(&rest, "\n"));) {
		char *word = strsep(&line, " ");

		if (!line || (strcmp(word, "some") != 0 && strcmp(word, "full") != 0))
			continue;
		open_object(s->to, word);
		while ((word = strsep(&line, " "))) {
			char *value = strchr(word, '=');

			if (!value || !is_decimal(value + 1) || !is_word(word, (size_t)(value - word)))
				continue;
			separate(s->to);
			text_printf(s->to, "\"%.*s\":%s", (int)(value - word), word, value + 1);
		}
		text_puts(s->to, "}");
	}
	text_puts(s->to, "}");
}

/* ---- cpu ---- */

/* cpuacct.usage_all: "cpu user system", and a line for each CPU. */
static void put_usage_all(struct stats *s, struct hierarchy *h)
{
	auto_free char *text = read_whole(s, h, "cpuacct.usage_all");
	auto_text struct text kernel = TEXT_INIT, user = TEXT_INIT;
	char *at = text ? strchr(text, '\n') : NULL, *end;

	while (at && *at) {
		(void)strtoull(at, &end, 10);
		if (end == at)
			break;
		text_printf(&user, "%" PRIu64 " ", (uint64_t)strtoull(end, &end, 10));
		text_printf(&kernel, "%" PRIu64 " ", (uint64_t)strtoull(end, &end, 10));
		at = end + (*end == '\n');
	}
	put_numbers(s->to, "percpu_kernel", text_string(&kernel));
	put_numbers(s->to, "percpu_user", text_string(&user));
}

static void put_cpu_v1(struct stats *s, struct hierarchy *acct)
{
	auto_free char *percpu = read_whole(s, acct, "cpuacct.usage_percpu"), *ticks = read_whole(s, acct, "cpuacct.stat");
	auto_free char *stat = read_whole(s, hierarchy_of(s->cgroup, "cpu"), "cpu.stat");
	uint64_t tick = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);

	open_object(s->to, "usage");
	put_some(s->to, "total", read_number(s, acct, "cpuacct.usage"));
	put_numbers(s->to, "percpu", percpu);
	put_usage_all(s, acct);
	put_number(s->to, "kernel", stats_value(ticks, "system") * tick);
	put_number(s->to, "user", stats_value(ticks, "user") * tick);
	text_puts(s->to, "}");
	open_object(s->to, "throttling");
	put_some(s->to, "periods", stats_value(stat, "nr_periods"));
	put_some(s->to, "throttledPeriods", stats_value(stat, "nr_throttled"));
	put_some(s->to, "throttledTime", stats_value(stat, "throttled_time"));
	text_puts(s->to, "}");
}

static void put_cpu_v2(struct stats *s)
{
	auto_free char *stat = read_whole(s, hierarchy_unified(s->cgroup), "cpu.stat");

	open_object(s->to, "usage");
	put_some(s->to, "total", stats_value(stat, "usage_usec") * 1000);
	put_number(s->to, "kernel", stats_value(stat, "system_usec") * 1000);
	put_number(s->to, "user", stats_value(stat, "user_usec") * 1000);
	text_puts(s->to, "}");
	open_object(s->to, "throttling");
	put_some(s->to, "periods", stats_value(stat, "nr_periods"));
	put_some(s->to, "throttledPeriods", stats_value(stat, "nr_throttled"));
	put_some(s->to, "throttledTime", stats_value(stat, "throttled_usec") * 1000);
	text_puts(s->to, "}");
}

static void put_cpu(struct stats *s)
{
	struct hierarchy *acct = hierarchy_of(s->cgroup, "cpuacct");

	open_object(s->to, "cpu");
	if (acct)
		put_cpu_v1(s, acct);
	else
		put_cpu_v2(s);
	put_psi(s, "cpu.pressure");
	text_puts(s->to, "}");
}

static void put_cpuset(struct stats *s)
{
	static const char *const flags[] = { "cpu_exclusive",	   "mem_hardwall",	"mem_exclusive",
					     "memory_migrate",	   "memory_spread_page", "memory_spread_slab",
					     "memory_pressure",	   "sched_load_balance", "sched_relax_domain_level" };
	struct hierarchy *h = hierarchy_of(s->cgroup, "cpuset"), *v2 = h ? NULL : hierarchy_unified(s->cgroup);
	auto_free char *cpus = read_whole(s, h ? h : v2, h ? "cpuset.cpus" : "cpuset.cpus.effective");
	auto_free char *mems = read_whole(s, h ? h : v2, h ? "cpuset.mems" : "cpuset.mems.effective");

	if (cpus)
		cpus[strcspn(cpus, "\n")] = '\0';
	if (mems)
		mems[strcspn(mems, "\n")] = '\0';
	open_object(s->to, "cpuset");
	put_set(s->to, "cpus", cpus);
	put_set(s->to, "mems", mems);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		char file[64], text[32];
		int64_t number = 0; /* one of them may be -1 */

		snprintf(file, sizeof(file), "cpuset.%s", flags[i]);
		separate(s->to);
		if (h && hierarchy_read(s->cgroup, h, file, text, sizeof(text)) > 0)
			(void)text_to_i64(text, INT64_MIN, INT64_MAX, &number); /* else it stays 0 */
		text_printf(s->to, "\"%s\":%" PRId64, flags[i], number);
	}
	text_puts(s->to, "}");
}

/* ---- memory ---- */

static void put_usage(struct text *to, const char *key, uint64_t limit, uint64_t usage, uint64_t max, uint64_t failures)
{
	open_object(to, key);
	put_number(to, "limit", limit);
	put_some(to, "usage", usage);
	put_some(to, "max", max);
	put_number(to, "failcnt", failures);
	text_puts(to, "}");
}

static uint64_t of_kind(const struct stats *s, struct hierarchy *h, const char *kind, const char *what)
{
	char file[64];

	snprintf(file, sizeof(file), "memory.%s%s", kind, what);
	return read_number(s, h, file);
}

static void put_usage_v1(struct stats *s, struct hierarchy *h, const char *key, const char *kind)
{
	put_usage(s->to, key, of_kind(s, h, kind, "limit_in_bytes"), of_kind(s, h, kind, "usage_in_bytes"),
		  of_kind(s, h, kind, "max_usage_in_bytes"), of_kind(s, h, kind, "failcnt"));
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a == NO_LIMIT || b == NO_LIMIT || a + b < a ? NO_LIMIT : a + b;
}

/* v1 counts swap together with memory, and so do the readers. */
static void put_usage_v2(struct stats *s, struct hierarchy *h)
{
	auto_free char *events = read_whole(s, h, "memory.events"), *swap_events = read_whole(s, h, "memory.swap.events");
	uint64_t limit = read_number(s, h, "memory.max"), usage = read_number(s, h, "memory.current");
	uint64_t max = read_number(s, h, "memory.peak");

	put_usage(s->to, "usage", limit, usage, max, stats_value(events, "max"));
	put_usage(s->to, "swap", sum(limit, read_number(s, h, "memory.swap.max")),
		  sum(usage, read_number(s, h, "memory.swap.current")), max ? sum(max, read_number(s, h, "memory.swap.peak")) : 0,
		  stats_value(swap_events, "max"));
	put_usage(s->to, "kernel", 0, 0, 0, 0);
	put_usage(s->to, "kernelTCP", 0, 0, 0, 0);
}

static void put_raw(struct stats *s, const char *stat)
{
	if (!stat || !*stat)
		return;
	open_object(s->to, "raw");
	for (const char *at = stat; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		int key = (int)strcspn(at, " \n");

		if (at[key] != ' ' || !isdigit((unsigned char)at[key + 1]) || !is_word(at, (size_t)key))
			continue;
		separate(s->to);
		text_printf(s->to, "\"%.*s\":%" PRIu64, key, at, (uint64_t)strtoull(at + key, NULL, 10));
	}
	text_puts(s->to, "}");
}

static void put_memory(struct stats *s)
{
	struct hierarchy *h = find(s, "memory");
	auto_free char *stat = read_whole(s, h, "memory.stat");
	bool v2 = !h || h->unified;

	open_object(s->to, "memory");
	put_some(s->to, "cache", stats_value(stat, v2 ? "file" : "cache"));
	if (v2) {
		put_usage_v2(s, h);
	} else {
		put_usage_v1(s, h, "usage", "");
		put_usage_v1(s, h, "swap", "memsw.");
		put_usage_v1(s, h, "kernel", "kmem.");
		put_usage_v1(s, h, "kernelTCP", "kmem.tcp.");
	}
	put_raw(s, stat);
	put_psi(s, "memory.pressure");
	text_puts(s->to, "}");
}

/* ---- pids, huge pages ---- */

static void put_pids(struct stats *s)
{
	struct hierarchy *h = find(s, "pids");
	uint64_t limit = read_number(s, h, "pids.max");

	open_object(s->to, "pids");
	put_some(s->to, "current", read_number(s, h, "pids.current"));
	put_some(s->to, "limit", limit == NO_LIMIT ? 0 : limit);
	text_puts(s->to, "}");
}

/* "2MB" of "hugepages-2048kB"; false if it is none. */
static bool page_size(const char *name, char ret[32])
{
	uint64_t size = text_starts(name, "hugepages-") ? strtoull(name + strlen("hugepages-"), NULL, 10) : 0;
	const char *unit = "KB";

	if (size >= 1 << 20 && size % (1 << 20) == 0) {
		size >>= 20;
		unit = "GB";
	} else if (size >= 1 << 10 && size % (1 << 10) == 0) {
		size >>= 10;
		unit = "MB";
	}
	snprintf(ret, 32, "%" PRIu64 "%s", size, unit);
	return size > 0;
}

static void put_huge(struct stats *s, struct hierarchy *h, const char *size)
{
	char current[80], file[128], text[32];
	auto_free char *events = NULL;

	for (int rsvd = 1; rsvd >= 0; rsvd--) {
		snprintf(current, sizeof(current), "hugetlb.%s.%s", size, rsvd ? "rsvd." : "");
		snprintf(file, sizeof(file), "%s%s", current, h->unified ? "current" : "usage_in_bytes");
		if (hierarchy_read(s->cgroup, h, file, text, sizeof(text)) > 0)
			break;
		if (!rsvd)
			return;
	}
	open_object(s->to, size);
	put_some(s->to, "usage", strtoull(text, NULL, 10));
	if (h->unified) {
		snprintf(file, sizeof(file), "hugetlb.%s.events", size);
		events = read_whole(s, h, file);
		put_number(s->to, "failcnt", stats_value(events, "max"));
	} else {
		snprintf(file, sizeof(file), "%smax_usage_in_bytes", current);
		put_some(s->to, "max", read_number(s, h, file));
		snprintf(file, sizeof(file), "%sfailcnt", current);
		put_number(s->to, "failcnt", read_number(s, h, file));
	}
	text_puts(s->to, "}");
}

static void put_hugetlb(struct stats *s)
{
	struct hierarchy *h = find(s, "hugetlb");
	const struct dirent *entry;
	char size[32];
	DIR *sizes;

	open_object(s->to, "hugetlb");
	sizes = h ? opendir("/sys/kernel/mm/hugepages") : NULL;
	while (sizes && (entry = readdir(sizes)))
		if (page_size(entry->d_name, size))
			put_huge(s, h, size);
	if (sizes)
		(void)closedir(sizes);
	text_puts(s->to, "}");
}

/* ---- block devices ---- */

static void put_entry(struct text *to, unsigned long major, unsigned long minor, const char *op, size_t length, uint64_t value)
{
	separate(to);
	text_printf(to, "{\"major\":%lu,\"minor\":%lu,", major, minor);
	if (length)
		text_printf(to, "\"op\":\"%.*s\",", (int)length, op);
	text_printf(to, "\"value\":%" PRIu64 "}", value);
}

/* Lines "8:0 Read 123" or "8:0 123". */
static void put_blkio_v1(struct stats *s, struct hierarchy *h, const char *key, const char *file)
{
	auto_free char *text = read_whole(s, h, file);
	size_t mark = s->to->length, n = 0;

	if (!text)
		return;
	separate(s->to);
	text_printf(s->to, "\"%s\":[", key);
	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		char *end;
		unsigned long major = strtoul(at, &end, 10), minor = *end == ':' ? strtoul(end + 1, &end, 10) : 0;
		size_t length;

		if (end == at || *end != ' ') /* "Total 123" */
			continue;
		at = end + 1;
		length = isalpha((unsigned char)*at) ? strcspn(at, " \n") : 0;
		if (length && !is_word(at, length))
			continue;
		put_entry(s->to, major, minor, at, length, strtoull(at + length, NULL, 10));
		n++;
	}
	text_puts(s->to, "]");
	if (n == 0 && !s->to->failed) {
		s->to->length = mark;
		s->to->data[mark] = '\0';
	}
}

/* io.stat: "8:0 rbytes=1 wbytes=2 rios=3 wios=4 ..." */
static void put_blkio_v2(struct stats *s, const char *stat, const char *key, const char *reads, const char *writes)
{
	size_t n = 0;

	for (const char *at = stat; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
		char *end, line[512];
		unsigned long major = strtoul(at, &end, 10), minor = *end == ':' ? strtoul(end + 1, &end, 10) : 0;
		const char *read, *write;

		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
		read = strstr(line, reads);
		write = strstr(line, writes);
		if (end == at || !read || !write)
			continue;
		if (n++ == 0) {
			separate(s->to);
			text_printf(s->to, "\"%s\":[", key);
		}
		put_entry(s->to, major, minor, "Read", 4, strtoull(read + strlen(reads), NULL, 10));
		put_entry(s->to, major, minor, "Write", 5, strtoull(write + strlen(writes), NULL, 10));
	}
	if (n)
		text_puts(s->to, "]");
}

static void put_blkio(struct stats *s)
{
	// clang-format off
	static const char *const files[][3] = { /* member, with the scheduler bfq, without */
		{ "ioServiceBytesRecursive", "blkio.bfq.io_service_bytes_recursive", "blkio.throttle.io_service_bytes_recursive" },
		{ "ioServicedRecursive",     "blkio.bfq.io_serviced_recursive",      "blkio.throttle.io_serviced_recursive" },
		{ "ioQueueRecursive",        "blkio.bfq.io_queued_recursive",        "" },
		{ "ioServiceTimeRecursive",  "blkio.bfq.io_service_time_recursive",  "" },
		{ "ioWaitTimeRecursive",     "blkio.bfq.io_wait_time_recursive",     "" },
		{ "ioMergedRecursive",       "blkio.bfq.io_merged_recursive",        "" },
		{ "ioTimeRecursive",         "blkio.bfq.time_recursive",             "" },
		{ "sectorsRecursive",        "blkio.bfq.sectors_recursive",          "" },
	};
	// clang-format on
	struct hierarchy *h = hierarchy_of(s->cgroup, "blkio");
	auto_free char *stat = h ? NULL : read_whole(s, hierarchy_unified(s->cgroup), "io.stat");
	auto_free char *bfq = h ? read_whole(s, h, files[1][1]) : NULL;
	size_t column = bfq && strchr(bfq, ':') ? 1 : 2;

	open_object(s->to, "blkio");
	for (size_t i = 0; h && i < sizeof(files) / sizeof(files[0]); i++)
		if (*files[i][column])
			put_blkio_v1(s, h, files[i][0], files[i][column]);
	put_blkio_v2(s, stat, files[0][0], "rbytes=", "wbytes=");
	put_blkio_v2(s, stat, files[1][0], "rios=", "wios=");
	put_psi(s, "io.pressure");
	text_puts(s->to, "}");
}

/* ---- rdma ---- */

/* Lines "mlx4_0 hca_handle=2 hca_object=2000"; the whole member is left out where there is no such controller. */
static void put_rdma(struct stats *s)
{
	static const char *const files[][2] = { { "current", "rdma.current" }, { "limit", "rdma.max" } };
	struct hierarchy *h = find(s, "rdma");
	bool any = false;

	for (size_t i = 0; i < 2; i++) {
		auto_free char *text = read_whole(s, h, files[i][1]);
		char *rest = text;

		for (char *line; rest && (line = strsep(&rest, "\n"));) {
			const char *handle = strstr(line, " hca_handle="), *object = strstr(line, " hca_object=");

			if (!handle || !object || !is_word(line, (size_t)(handle - line)))
				continue;
			if (!any)
				open_object(s->to, "rdma");
			any = true;
			separate(s->to);
			text_printf(s->to, "\"%s:%.*s\":{", files[i][0], (int)(handle - line), line);
			if (isdigit((unsigned char)handle[12]))
				put_number(s->to, "hcaHandles", strtoull(handle + 12, NULL, 10));
			if (isdigit((unsigned char)object[12]))
				put_number(s->to, "hcaObjects", strtoull(object + 12, NULL, 10));
			text_puts(s->to, "}");
		}
	}
	if (any)
		text_puts(s->to, "}");
}

void stats_put(struct cgroup *cgroup, struct text *to)
{
	struct stats s = { cgroup, to };

	put_cpu(&s);
	put_cpuset(&s);
	put_memory(&s);
	put_pids(&s);
	put_blkio(&s);
	put_hugetlb(&s);
	put_rdma(&s);
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_base_trace.c - spans of two processes, as JSON and as bars; traceparents. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/trace.h"
#include "unit.h"

static void parents(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
		{ "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true },
		{ "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true },
		{ "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true },
		{ "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false },
		{ "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", false },
		{ "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", false },
		{ "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false },
		{ "00-00000000000000000000000000000000-00f067aa0ba902b7-01", false },
		{ "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false },
		{ "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false },
		{ "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01", false },
		{ "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", false },
		{ "", false },
		{ "x", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (trace_is_parent(rows[i].text) != rows[i].valid)
			fail_msg("%s", rows[i].text);
}

/* Before trace_start. */
static void off(void **state)
{
	struct text text = TEXT_INIT;

	(void)state;
	assert_false(trace_is_on());
	assert_int_equal(trace_mark().wall, 0);
	trace_span(trace_mark(), false, "nothing");
	trace_add("step 0 1 2 3");
	trace_bars(&text, 10);
	assert_int_equal(text.length, 0);
	text_free(&text);
}

static void sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static void on(void **state)
{
	struct text json = TEXT_INIT, bars = TEXT_INIT;
	struct trace_mark outer, inner;
	static const char waiting_word[] = "\"waiting_us\": ";
	const char *waiting;
	char sent[TRACE_TEXT_MAX];

	(void)state;
	trace_start("create", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
	assert_true(trace_is_on());
	trace_init_is(4711);
	outer = trace_mark();
	sleep_ms(1);
	inner = trace_mark();
	sleep_ms(12);
	trace_span(inner, true, "serve \"%s\"", "X");
	trace_add_seen(outer, "birth");
	outer.wall++;
	trace_format(sent, "mounts", false, inner);
	trace_add(sent);
	trace_add("garbage");
	trace_add_seen((struct trace_mark){ 0, 0 }, "exec");
	sleep_ms(2);
	trace_span(outer, false, "init");

	trace_json(&json);
	assert_false(json.failed);
	assert_non_null(
		strstr(json.data, "\"traceparent\": \"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\""));
	assert_non_null(strstr(json.data, "\"name\": \"serve \\\"X\\\"\", \"cat\": \"runtime\", \"ph\": \"X\""));
	assert_non_null(strstr(json.data, "\"name\": \"mounts\", \"cat\": \"init\", \"ph\": \"X\", \"pid\": 4711"));
	assert_non_null(strstr(json.data, "\"failed\": true"));
	waiting = strstr(strstr(json.data, "serve"), waiting_word);
	assert_non_null(waiting);
	assert_true(strtol(waiting + strlen(waiting_word), NULL, 10) >= 11000); /* of the 12 ms, and whatever the load adds */
	assert_null(strstr(json.data, "garbage"));

	trace_bars(&bars, 20);
	assert_non_null(strstr(bars.data, "runtime   serve \"X\" FAILED"));
	assert_non_null(strstr(bars.data, "init    mounts"));
	assert_non_null(strstr(bars.data, "...."));
	/* One that was only seen does not reach over what init itself tells. */
	assert_non_null(strstr(bars.data, "init    birth"));
	assert_null(strstr(bars.data, "init      mounts"));
	/* The outer one is drawn first, and nothing twice. */
	assert_true(strstr(bars.data, "runtime init ") < strstr(bars.data, "runtime   serve"));
	text_free(&bars);
	bars = (struct text)TEXT_INIT;
	trace_bars(&bars, 20);
	assert_int_equal(bars.length, 0);
	text_free(&json);
	text_free(&bars);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(parents), cmocka_unit_test(off), cmocka_unit_test(on) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

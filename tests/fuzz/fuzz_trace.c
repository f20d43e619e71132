// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_trace.c - spans that init tells, one a line, become a JSON document and bars. */
#include "../../src/base/trace.c" // NOLINT(bugprone-suspicious-include): its state is static

#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *rest = text, *line;
	struct text json = TEXT_INIT, bars = TEXT_INIT;

	trace.spans = NULL;
	trace.n = trace.size = trace.n_shown = 0;
	trace_start("create", trace_is_parent(text) ? text : NULL);
	for (size_t n = 0; n < 100 && (line = strsep(&rest, "\n")); n++)
		trace_add(line);
	trace_bars(&bars, 80);
	trace_json(&json);
	MUST(!json.failed && !bars.failed);
	fuzz_json(json.data, json.length);
	text_free(&json);
	text_free(&bars);
	free(trace.spans);
	free(text);
	return 0;
}

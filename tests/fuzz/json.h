// SPDX-License-Identifier: LGPL-2.1-or-later
/* json.h - whether a text is JSON. */
#pragma once

#include "fuzz.h"
#include "ocispec.h"

/* An object, of whatever members: with OCI_REPORT_PARTIAL only what is no JSON gives NULL. */
static void fuzz_json(const char *text, size_t length)
{
	struct oci_report report = { .flags = OCI_REPORT_ALL | OCI_REPORT_PARTIAL };
	void *document = oci_parse(&oci_process_state_type, text, length, &report);

	MUST(document);
	oci_free(document);
	oci_report_free(&report);
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* fuzz_state.c - the state, and the message to a seccomp listener. */
#include "documents.h"

FUZZ_DOCUMENTS(&oci_state_type, &oci_process_state_type)

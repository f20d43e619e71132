// SPDX-License-Identifier: LGPL-2.1-or-later
/* annotations.h - names of the annotations that init reads; the runtime checks and lists them. */
#pragma once

#define ANNOTATION_LANDLOCK	"org.hull.landlock"
#define ANNOTATION_CONTEXT_TYPE "run.oci.mount_context_type" /* which kind of label linux.mountLabel is */

// SPDX-License-Identifier: LGPL-2.1-or-later
/* arena.h - memory that is handed out in small pieces and freed at once.
 *
 * Within a chunk, aligned pieces grow from the low end and strings from the high end: so an
 * array of strings can grow in place while its strings arrive. */
#pragma once

#include <stddef.h>

struct arena;

/* A new arena with room for about size bytes; NULL if there is no memory. */
struct arena *oci_arena_new(size_t size);

/* An arena that uses the caller's buffer first, whose alignment is that of max_align_t.
 * oci_arena_free must still be called, for what did not fit. */
struct arena *oci_arena_in(void *buffer, size_t size);

void oci_arena_free(struct arena *arena);

/* size bytes, zeroed, aligned for any type; NULL if there is no memory. */
void *oci_arena_alloc(struct arena *arena, size_t size);

/* Makes a piece of old_size bytes larger, zeroing what is added; the piece may move, and is left
 * as it is where there is no memory (NULL).  piece may be NULL with old_size 0. */
void *oci_arena_grow(struct arena *arena, void *piece, size_t old_size, size_t new_size);

/* A copy of length bytes with a NUL behind them. */
char *oci_arena_text(struct arena *arena, const char *text, size_t length);

/* The first piece of an arena from oci_arena_new, and back. */
void *oci_arena_first(struct arena *arena);
struct arena *oci_arena_of_first(void *piece);

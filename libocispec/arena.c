// SPDX-License-Identifier: LGPL-2.1-or-later
/* arena.c - chunks in a list, the newest first; the first one lies behind the arena itself.
 *
 * Chunks double in size, so that their number grows with the logarithm of what is asked for. */

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT      _Alignof(max_align_t)
#define ALIGN_UP(size) (((size) + ALIGNMENT - 1) & ~(ALIGNMENT - 1))

struct chunk {
	struct chunk *next;
	char *low; /* free space is low to high */
	char *high;
};

struct arena {
	struct chunk *newest;
	size_t next_size;
	bool is_foreign; /* the caller's buffer, not ours to free */
	_Alignas(max_align_t) struct chunk first;
};

#define CHUNK_HEADER ALIGN_UP(sizeof(struct chunk))
#define ARENA_HEADER ALIGN_UP(sizeof(struct arena))

struct arena *oci_arena_in(void *buffer, size_t size)
{
	struct arena *arena = buffer;

	arena->first.next = NULL;
	arena->first.low = (char *)buffer + ARENA_HEADER;
	arena->first.high = (char *)buffer + size;
	arena->newest = &arena->first;
	arena->next_size = size;
	arena->is_foreign = true;
	return arena;
}

struct arena *oci_arena_new(size_t size)
{
	struct arena *arena;
	void *memory;

	if (size > PTRDIFF_MAX - 2 * ARENA_HEADER)
		return NULL;
	size = ARENA_HEADER + ALIGN_UP(size);
	memory = malloc(size);
	if (!memory)
		return NULL;
	arena = oci_arena_in(memory, size);
	arena->is_foreign = false;
	return arena;
}

void oci_arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (struct chunk *chunk = arena->newest, *next; chunk != &arena->first; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	if (!arena->is_foreign)
		free(arena);
}

/* A new chunk with room for a piece of that size. */
static bool add_chunk(struct arena *arena, size_t size)
{
	size_t chunk_size = arena->next_size;
	struct chunk *chunk;

	if (size > PTRDIFF_MAX / 4)
		return false;
	if (chunk_size < size + CHUNK_HEADER)
		chunk_size = ALIGN_UP(size) + CHUNK_HEADER;
	chunk = malloc(chunk_size);
	if (!chunk)
		return false;
	chunk->low = (char *)chunk + CHUNK_HEADER;
	chunk->high = (char *)chunk + chunk_size;
	chunk->next = arena->newest;
	arena->newest = chunk;
	arena->next_size = chunk_size * 2;
	return true;
}

static size_t room(const struct arena *arena)
{
	return (size_t)(arena->newest->high - arena->newest->low);
}

void *oci_arena_alloc(struct arena *arena, size_t size)
{
	char *piece;

	if (size > PTRDIFF_MAX / 4)
		return NULL;
	size = ALIGN_UP(size);
	if (room(arena) < size && !add_chunk(arena, size))
		return NULL;
	piece = arena->newest->low;
	arena->newest->low += size;
	return memset(piece, 0, size);
}

void *oci_arena_grow(struct arena *arena, void *piece, size_t old_size, size_t new_size)
{
	struct chunk *newest = arena->newest;
	size_t old_room = ALIGN_UP(old_size), more;
	void *moved;

	if (new_size > PTRDIFF_MAX / 4)
		return NULL;
	if (piece && (char *)piece + old_room == newest->low) {
		more = ALIGN_UP(new_size) - old_room;
		if (room(arena) >= more) {
			newest->low += more;
			memset((char *)piece + old_size, 0, new_size - old_size);
			return piece;
		}
	}
	moved = oci_arena_alloc(arena, new_size);
	if (moved && old_size > 0)
		memcpy(moved, piece, old_size);
	return moved;
}

char *oci_arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length > PTRDIFF_MAX / 4)
		return NULL;
	if (room(arena) <= length && !add_chunk(arena, length + 1))
		return NULL;
	copy = arena->newest->high -= length + 1;
	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

void *oci_arena_first(struct arena *arena)
{
	return (char *)arena + ARENA_HEADER;
}

struct arena *oci_arena_of_first(void *piece)
{
	return (struct arena *)((char *)piece - ARENA_HEADER);
}

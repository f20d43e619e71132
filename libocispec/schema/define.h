// SPDX-License-Identifier: LGPL-2.1-or-later
/* define.h - turns the rows of a .def file into the tables that reader, writer and schema
 * printer walk.
 *
 * No include guard: it is included in one .c file for each schema, as declare.h is in a header.
 * The rows of a type stand in a function of their own, because only a block scope can give the
 * struct that offsetof needs the same name (`self`) for every type. */

#define OBJECT(name)                                       \
	static const struct oci_field *name##_fields(void) \
	{                                                  \
		typedef struct name self;                  \
		static const struct oci_field fields[] = {
#define KEYED(name, check_)                                                           \
	_Static_assert(offsetof(struct name, key) == 0, "the key is the first member"); \
	OBJECT(name)                                                                  \
	{ .word = "*", .length = 1, .kind = OCI_KEY, .need = OCI_REQUIRED, .check = &oci_check_##check_ },
#define END(name)      \
	{              \
		.word = NULL \
	}              \
	}              \
	;              \
	return fields; \
	}              \
	const struct oci_type name##_type = { #name, sizeof(struct name), name##_fields };

/* Where the has_ member stands; a required one has none. */
#define OCI_HAS_REQUIRED(member) 0
#define OCI_HAS_OPTIONAL(member) offsetof(self, has_##member)

#define OCI_ROW(kind_, member, word_, need_, extra_, ...)                                         \
	{ .word = word_,                                                                          \
	  .length = sizeof(word_) - 1,                                                            \
	  .kind = kind_,                                                                          \
	  .need = OCI_##need_,                                                                    \
	  .offset = offsetof(self, member),                                                       \
	  .extra = extra_,                                                                        \
	  __VA_ARGS__ },
#define OCI_NUMBER(kind, member, word, need, min_, max_) \
	OCI_ROW(kind, member, word, need, OCI_HAS_##need(member), .range = { .min = min_, .max = max_ })
#define OCI_ARRAY(kind, member, word, need, ...) OCI_ROW(kind, member, word, need, offsetof(self, n_##member), __VA_ARGS__)

#define BOOL(member, word, need)	     OCI_ROW(OCI_BOOL, member, word, need, OCI_HAS_##need(member), .type = NULL)
#define U16(member, word, need)		     OCI_NUMBER(OCI_U16, member, word, need, 0, UINT16_MAX)
#define U32(member, word, need)		     OCI_NUMBER(OCI_U32, member, word, need, 0, UINT32_MAX)
#define U64(member, word, need)		     OCI_NUMBER(OCI_U64, member, word, need, 0, UINT64_MAX)
#define I32(member, word, need)		     OCI_NUMBER(OCI_I32, member, word, need, INT32_MIN, INT32_MAX)
#define I64(member, word, need)		     OCI_NUMBER(OCI_I64, member, word, need, INT64_MIN, INT64_MAX)
#define U32_IN(member, word, need, min, max) OCI_NUMBER(OCI_U32, member, word, need, min, max)
#define U64_IN(member, word, need, min, max) OCI_NUMBER(OCI_U64, member, word, need, min, max)
#define I32_IN(member, word, need, min, max) OCI_NUMBER(OCI_I32, member, word, need, min, max)
#define I64_IN(member, word, need, min, max) OCI_NUMBER(OCI_I64, member, word, need, min, max)
#define ENUM(member, word, need, words_)     OCI_ROW(OCI_ENUM, member, word, need, OCI_HAS_##need(member), .words = words_)

#define STRING(member, word, need)		 STRING_LIKE(member, word, need, any)
#define STRING_LIKE(member, word, need, check_)	 OCI_ROW(OCI_STRING, member, word, need, 0, .check = &oci_check_##check_)
#define RAW(member, word, need)			 OCI_ROW(OCI_RAW, member, word, need, 0, .type = NULL)
#define STRUCT(member, word, need, type_)	 OCI_ROW(OCI_STRUCT, member, word, need, 0, .type = &type_##_type)

#define U32S(member, word, need) \
	OCI_ARRAY(OCI_U32S, member, word, need, .range = { .min = 0, .max = UINT32_MAX })
#define ENUMS(member, word, need, words_)	 OCI_ARRAY(OCI_ENUMS, member, word, need, .words = words_)
#define STRINGS(member, word, need)		 STRINGS_LIKE(member, word, need, any)
#define STRINGS_LIKE(member, word, need, check_) OCI_ARRAY(OCI_STRINGS, member, word, need, .check = &oci_check_##check_)
#define STRINGS_OF(member, word, need, words_)	 OCI_ARRAY(OCI_WORDS, member, word, need, .words = words_)
#define STRUCTS(member, word, need, type_)	 OCI_ARRAY(OCI_STRUCTS, member, word, need, .type = &type_##_type)
#define MAP(member, word, need, check_)		 OCI_ARRAY(OCI_MAP, member, word, need, .check = &oci_check_##check_)
#define MAP_OF(member, word, need, type_)	 OCI_ARRAY(OCI_MAP_OF, member, word, need, .type = &type_##_type)

#include OCI_SCHEMA

#undef OCI_HAS_REQUIRED
#undef OCI_HAS_OPTIONAL
#undef OCI_ROW
#undef OCI_NUMBER
#undef OCI_ARRAY
#include "undef.h"

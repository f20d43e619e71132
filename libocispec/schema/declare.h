// SPDX-License-Identifier: LGPL-2.1-or-later
/* declare.h - turns the rows of a .def file into struct declarations.
 *
 * No include guard: it is included once for each schema, with its file named before:
 *
 *	#define OCI_SCHEMA "container/record.def"
 *	#include "schema/declare.h"
 *
 * OCI_SCHEMA and all row macros are undefined again afterwards.  The rows are explained in
 * ocispec.h, which has to be included first. */

#define OCI_DECLARE_REQUIRED(ctype, member) ctype member;
#define OCI_DECLARE_OPTIONAL(ctype, member) \
	ctype member;                       \
	bool has_##member;

#define OBJECT(name)                           \
	extern const struct oci_type name##_type; \
	struct name {
#define KEYED(name, check) OBJECT(name) const char *key;
#define END(name) \
	}         \
	;

#define BOOL(member, word, need)	     OCI_DECLARE_##need(bool, member)
#define U16(member, word, need)		     OCI_DECLARE_##need(uint16_t, member)
#define U32(member, word, need)		     OCI_DECLARE_##need(uint32_t, member)
#define U64(member, word, need)		     OCI_DECLARE_##need(uint64_t, member)
#define I32(member, word, need)		     OCI_DECLARE_##need(int32_t, member)
#define I64(member, word, need)		     OCI_DECLARE_##need(int64_t, member)
#define U32_IN(member, word, need, min, max) OCI_DECLARE_##need(uint32_t, member)
#define U64_IN(member, word, need, min, max) OCI_DECLARE_##need(uint64_t, member)
#define I32_IN(member, word, need, min, max) OCI_DECLARE_##need(int32_t, member)
#define I64_IN(member, word, need, min, max) OCI_DECLARE_##need(int64_t, member)
#define ENUM(member, word, need, words)	     OCI_DECLARE_##need(uint64_t, member)

#define STRING(member, word, need)	      const char *member;
#define STRING_LIKE(member, word, need, check) const char *member;
#define RAW(member, word, need)		      const char *member;
#define STRUCT(member, word, need, type)      struct type *member;

#define OCI_DECLARE_ARRAY(ctype, member) \
	ctype *member;                   \
	size_t n_##member;
#define U32S(member, word, need)		OCI_DECLARE_ARRAY(uint32_t, member)
#define ENUMS(member, word, need, words)	OCI_DECLARE_ARRAY(uint64_t, member)
#define STRINGS(member, word, need)		OCI_DECLARE_ARRAY(const char *, member)
#define STRINGS_LIKE(member, word, need, check) OCI_DECLARE_ARRAY(const char *, member)
#define STRINGS_OF(member, word, need, words)	OCI_DECLARE_ARRAY(const char *, member)
#define STRUCTS(member, word, need, type)	OCI_DECLARE_ARRAY(struct type, member)
#define MAP(member, word, need, check)		OCI_DECLARE_ARRAY(struct oci_pair, member)
#define MAP_OF(member, word, need, type)	OCI_DECLARE_ARRAY(struct type, member)

#include OCI_SCHEMA

#undef OCI_DECLARE_REQUIRED
#undef OCI_DECLARE_OPTIONAL
#undef OCI_DECLARE_ARRAY
#include "undef.h"

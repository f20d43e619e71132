// SPDX-License-Identifier: LGPL-2.1-or-later
/* undef.h - forgets the row macros and the name of the schema; included by declare.h and
 * define.h alone. */
#undef OCI_SCHEMA
#undef OBJECT
#undef KEYED
#undef END
#undef BOOL
#undef U16
#undef U32
#undef U64
#undef I32
#undef I64
#undef U32_IN
#undef U64_IN
#undef I32_IN
#undef I64_IN
#undef ENUM
#undef STRING
#undef STRING_LIKE
#undef RAW
#undef STRUCT
#undef U32S
#undef ENUMS
#undef STRINGS
#undef STRINGS_LIKE
#undef STRINGS_OF
#undef STRUCTS
#undef MAP
#undef MAP_OF

// SPDX-License-Identifier: LGPL-2.1-or-later
/* error.c - the error value, the table of stable codes and the table of errno words.
 *
 * strerror(3) is never used: callers match the lower-case words below byte for byte, and
 * strerror's depend on locale and capitals. */
#include "base/error.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text.h"

/* On a v1 host with all its hierarchies; fewer on others.  odd.bats knows the least that works. */
#define DESCRIPTORS_NEEDED 48

#define PLACE_MAX 256 /* of a context that is never cut for a long name */

const struct error_code_row error_code_rows[] = {
	/* code           word           exit  meaning, remedy */
	{ ERR_USAGE, "usage", 1, "The command line is wrong.", "See the command's --help." },
	{ ERR_CONFIG, "config", 1, "A document given to hull is invalid.",
	  "Correct the property at the JSON pointer that the message names." },
	{ ERR_UNSUPPORTED, "unsupported", 1, "The setting is valid, but this hull or this host cannot apply it.",
	  "Remove the setting that the message names, or use a host that has what it needs." },
	{ ERR_NOT_FOUND, "not-found", 1, "There is no container with this id below the state root.",
	  "Check the id with `hull list`, and that --root is the one used at create." },
	{ ERR_EXISTS, "exists", 1, "A container with this id exists.",
	  "Choose another id, or delete the old container first." },
	{ ERR_STATE, "state", 1, "The container's status does not allow the command.",
	  "Look at the status with `hull state`." },
	{ ERR_EXECUTABLE, "executable", 1, "The program in process.args cannot be executed.",
	  "Check that it exists in the container's root file system and may be executed by process.user." },
	{ ERR_INIT_DIED, "init-died", 1, "The container's init process ended before it was ready.",
	  "Look for the out-of-memory killer in the kernel's log, and at the memory limit." },
	{ ERR_HOOK, "hook", 1, "A hook failed.", "Run the hook by hand with the state document on its stdin." },
	{ ERR_TIMEOUT, "timeout", 1, "Something did not happen within its deadline.",
	  "Look for a hung process or file system; `hull delete --force` cleans up." },
	{ ERR_HOST, "host", 1, "The host lacks something that hull needs.", "The message names it." },
	{ ERR_INTERNAL, "internal", 1, "hull contradicts itself: a bug.", "Please report it with the --debug log." },
};

_Static_assert(sizeof(error_code_rows) / sizeof(error_code_rows[0]) == ERR_CODES - 1, "a row for each code");

/* Without pointers: a table of pointers is written anew by every start. */
struct errno_row {
	int number;
	char name[16];
	char text[52];
};

static const struct errno_row errno_rows[] = {
	{ EPERM,            "EPERM",            "operation not permitted" },
	{ ENOENT,           "ENOENT",           "no such file or directory" },
	{ ESRCH,            "ESRCH",            "no such process" },
	{ EINTR,            "EINTR",            "interrupted system call" },
	{ EIO,              "EIO",              "input/output error" },
	{ ENXIO,            "ENXIO",            "no such device or address" },
	{ E2BIG,            "E2BIG",            "argument list too long" },
	{ ENOEXEC,          "ENOEXEC",          "exec format error" },
	{ EBADF,            "EBADF",            "bad file descriptor" },
	{ ECHILD,           "ECHILD",           "no child processes" },
	{ EAGAIN,           "EAGAIN",           "resource temporarily unavailable" },
	{ ENOMEM,           "ENOMEM",           "cannot allocate memory" },
	{ EACCES,           "EACCES",           "permission denied" },
	{ EFAULT,           "EFAULT",           "bad address" },
	{ ENOTBLK,          "ENOTBLK",          "block device required" },
	{ EBUSY,            "EBUSY",            "device or resource busy" },
	{ EEXIST,           "EEXIST",           "file exists" },
	{ EXDEV,            "EXDEV",            "invalid cross-device link" },
	{ ENODEV,           "ENODEV",           "no such device" },
	{ ENOTDIR,          "ENOTDIR",          "not a directory" },
	{ EISDIR,           "EISDIR",           "is a directory" },
	{ EINVAL,           "EINVAL",           "invalid argument" },
	{ ENFILE,           "ENFILE",           "too many open files in system" },
	{ EMFILE,           "EMFILE",           "too many open files" },
	{ ENOTTY,           "ENOTTY",           "inappropriate ioctl for device" },
	{ ETXTBSY,          "ETXTBSY",          "text file busy" },
	{ EFBIG,            "EFBIG",            "file too large" },
	{ ENOSPC,           "ENOSPC",           "no space left on device" },
	{ ESPIPE,           "ESPIPE",           "illegal seek" },
	{ EROFS,            "EROFS",            "read-only file system" },
	{ EMLINK,           "EMLINK",           "too many links" },
	{ EPIPE,            "EPIPE",            "broken pipe" },
	{ EDOM,             "EDOM",             "numerical argument out of domain" },
	{ ERANGE,           "ERANGE",           "numerical result out of range" },
	{ EDEADLK,          "EDEADLK",          "resource deadlock avoided" },
	{ ENAMETOOLONG,     "ENAMETOOLONG",     "file name too long" },
	{ ENOLCK,           "ENOLCK",           "no locks available" },
	{ ENOSYS,           "ENOSYS",           "function not implemented" },
	{ ENOTEMPTY,        "ENOTEMPTY",        "directory not empty" },
	{ ELOOP,            "ELOOP",            "too many levels of symbolic links" },
	{ ENOMSG,           "ENOMSG",           "no message of desired type" },
	{ EIDRM,            "EIDRM",            "identifier removed" },
	{ ECHRNG,           "ECHRNG",           "channel number out of range" },
	{ EL2NSYNC,         "EL2NSYNC",         "level 2 not synchronized" },
	{ EL3HLT,           "EL3HLT",           "level 3 halted" },
	{ EL3RST,           "EL3RST",           "level 3 reset" },
	{ ELNRNG,           "ELNRNG",           "link number out of range" },
	{ EUNATCH,          "EUNATCH",          "protocol driver not attached" },
	{ ENOCSI,           "ENOCSI",           "no CSI structure available" },
	{ EL2HLT,           "EL2HLT",           "level 2 halted" },
	{ EBADE,            "EBADE",            "invalid exchange" },
	{ EBADR,            "EBADR",            "invalid request descriptor" },
	{ EXFULL,           "EXFULL",           "exchange full" },
	{ ENOANO,           "ENOANO",           "no anode" },
	{ EBADRQC,          "EBADRQC",          "invalid request code" },
	{ EBADSLT,          "EBADSLT",          "invalid slot" },
	{ EBFONT,           "EBFONT",           "bad font file format" },
	{ ENOSTR,           "ENOSTR",           "device not a stream" },
	{ ENODATA,          "ENODATA",          "no data available" },
	{ ETIME,            "ETIME",            "timer expired" },
	{ ENOSR,            "ENOSR",            "out of streams resources" },
	{ ENONET,           "ENONET",           "machine is not on the network" },
	{ ENOPKG,           "ENOPKG",           "package not installed" },
	{ EREMOTE,          "EREMOTE",          "object is remote" },
	{ ENOLINK,          "ENOLINK",          "link has been severed" },
	{ EADV,             "EADV",             "advertise error" },
	{ ESRMNT,           "ESRMNT",           "srmount error" },
	{ ECOMM,            "ECOMM",            "communication error on send" },
	{ EPROTO,           "EPROTO",           "protocol error" },
	{ EMULTIHOP,        "EMULTIHOP",        "multihop attempted" },
	{ EDOTDOT,          "EDOTDOT",          "RFS specific error" },
	{ EBADMSG,          "EBADMSG",          "bad message" },
	{ EOVERFLOW,        "EOVERFLOW",        "value too large for defined data type" },
	{ ENOTUNIQ,         "ENOTUNIQ",         "name not unique on network" },
	{ EBADFD,           "EBADFD",           "file descriptor in bad state" },
	{ EREMCHG,          "EREMCHG",          "remote address changed" },
	{ ELIBACC,          "ELIBACC",          "can not access a needed shared library" },
	{ ELIBBAD,          "ELIBBAD",          "accessing a corrupted shared library" },
	{ ELIBSCN,          "ELIBSCN",          ".lib section in a.out corrupted" },
	{ ELIBMAX,          "ELIBMAX",          "attempting to link in too many shared libraries" },
	{ ELIBEXEC,         "ELIBEXEC",         "cannot exec a shared library directly" },
	{ EILSEQ,           "EILSEQ",           "invalid or incomplete multibyte or wide character" },
	{ ERESTART,         "ERESTART",         "interrupted system call should be restarted" },
	{ ESTRPIPE,         "ESTRPIPE",         "streams pipe error" },
	{ EUSERS,           "EUSERS",           "too many users" },
	{ ENOTSOCK,         "ENOTSOCK",         "socket operation on non-socket" },
	{ EDESTADDRREQ,     "EDESTADDRREQ",     "destination address required" },
	{ EMSGSIZE,         "EMSGSIZE",         "message too long" },
	{ EPROTOTYPE,       "EPROTOTYPE",       "protocol wrong type for socket" },
	{ ENOPROTOOPT,      "ENOPROTOOPT",      "protocol not available" },
	{ EPROTONOSUPPORT,  "EPROTONOSUPPORT",  "protocol not supported" },
	{ ESOCKTNOSUPPORT,  "ESOCKTNOSUPPORT",  "socket type not supported" },
	{ EOPNOTSUPP,       "EOPNOTSUPP",       "operation not supported" },
	{ EPFNOSUPPORT,     "EPFNOSUPPORT",     "protocol family not supported" },
	{ EAFNOSUPPORT,     "EAFNOSUPPORT",     "address family not supported by protocol" },
	{ EADDRINUSE,       "EADDRINUSE",       "address already in use" },
	{ EADDRNOTAVAIL,    "EADDRNOTAVAIL",    "cannot assign requested address" },
	{ ENETDOWN,         "ENETDOWN",         "network is down" },
	{ ENETUNREACH,      "ENETUNREACH",      "network is unreachable" },
	{ ENETRESET,        "ENETRESET",        "network dropped connection on reset" },
	{ ECONNABORTED,     "ECONNABORTED",     "software caused connection abort" },
	{ ECONNRESET,       "ECONNRESET",       "connection reset by peer" },
	{ ENOBUFS,          "ENOBUFS",          "no buffer space available" },
	{ EISCONN,          "EISCONN",          "transport endpoint is already connected" },
	{ ENOTCONN,         "ENOTCONN",         "transport endpoint is not connected" },
	{ ESHUTDOWN,        "ESHUTDOWN",        "cannot send after transport endpoint shutdown" },
	{ ETOOMANYREFS,     "ETOOMANYREFS",     "too many references: cannot splice" },
	{ ETIMEDOUT,        "ETIMEDOUT",        "connection timed out" },
	{ ECONNREFUSED,     "ECONNREFUSED",     "connection refused" },
	{ EHOSTDOWN,        "EHOSTDOWN",        "host is down" },
	{ EHOSTUNREACH,     "EHOSTUNREACH",     "no route to host" },
	{ EALREADY,         "EALREADY",         "operation already in progress" },
	{ EINPROGRESS,      "EINPROGRESS",      "operation now in progress" },
	{ ESTALE,           "ESTALE",           "stale file handle" },
	{ EUCLEAN,          "EUCLEAN",          "structure needs cleaning" },
	{ ENOTNAM,          "ENOTNAM",          "not a XENIX named type file" },
	{ ENAVAIL,          "ENAVAIL",          "no XENIX semaphores available" },
	{ EISNAM,           "EISNAM",           "is a named type file" },
	{ EREMOTEIO,        "EREMOTEIO",        "remote I/O error" },
	{ EDQUOT,           "EDQUOT",           "disk quota exceeded" },
	{ ENOMEDIUM,        "ENOMEDIUM",        "no medium found" },
	{ EMEDIUMTYPE,      "EMEDIUMTYPE",      "wrong medium type" },
	{ ECANCELED,        "ECANCELED",        "operation canceled" },
	{ ENOKEY,           "ENOKEY",           "required key not available" },
	{ EKEYEXPIRED,      "EKEYEXPIRED",      "key has expired" },
	{ EKEYREVOKED,      "EKEYREVOKED",      "key has been revoked" },
	{ EKEYREJECTED,     "EKEYREJECTED",     "key was rejected by service" },
	{ EOWNERDEAD,       "EOWNERDEAD",       "owner died" },
	{ ENOTRECOVERABLE,  "ENOTRECOVERABLE",  "state not recoverable" },
	{ ERFKILL,          "ERFKILL",          "operation not possible due to RF-kill" },
	{ EHWPOISON,        "EHWPOISON",        "memory page has hardware error" },
};

static const struct errno_row *errno_row(int number)
{
	if (number < 0 && number != INT_MIN)
		number = -number;
	for (size_t i = 0; i < sizeof(errno_rows) / sizeof(errno_rows[0]); i++)
		if (errno_rows[i].number == number)
			return &errno_rows[i];
	return NULL;
}

const char *errno_text(int number)
{
	static char unknown[32];
	const struct errno_row *row = errno_row(number);

	if (row)
		return row->text;
	snprintf(unknown, sizeof(unknown), "error %u", number < 0 ? 0U - (unsigned)number : (unsigned)number);
	return unknown;
}

const char *errno_name(int number)
{
	const struct errno_row *row = errno_row(number);

	return row ? row->name : NULL;
}

const char *error_word(int code)
{
	const char *name;

	if (code > 0 && code < ERR_CODES)
		return error_code_rows[code - 1].word;
	name = code < 0 ? errno_name(code) : NULL;
	return name ? name : "unknown";
}

int error_exit_status(int code)
{
	return code > 0 && code < ERR_CODES ? error_code_rows[code - 1].exit_status : 1;
}

/* Puts into escaped what the sequence of n bytes (0: not UTF-8) at c becomes; its length. */
static size_t escape(char escaped[8], const char *c, size_t n)
{
	unsigned char byte = (unsigned char)c[0], second = (unsigned char)c[1];

	if (byte == '\n' || byte == '\t')
		return (size_t)snprintf(escaped, 8, "\\%c", byte == '\n' ? 'n' : 't');
	if (n == 2 && byte == 0xc2 && second < 0xa0) /* U+0080 to U+009F: U+009B is ESC [ */
		return (size_t)snprintf(escaped, 8, "\\x%02x", second);
	if (n == 0 || byte < 0x20 || byte == 0x7f)
		return (size_t)snprintf(escaped, 8, "\\x%02x", byte);
	memcpy(escaped, c, n);
	return n;
}

/* One line of UTF-8, no terminal tricks: a name from a hostile file system ends up in here. */
static void copy_escaped(char *to, size_t size, const char *from)
{
	size_t used = 0;

	while (*from) {
		char escaped[8];
		size_t n = text_utf8(from), length = escape(escaped, from, n);

		if (used + length >= size)
			break;
		memcpy(to + used, escaped, length);
		used += length;
		from += n ? n : 1;
	}
	to[used] = '\0';
}

/* At most `limit`, and not within a character. */
static size_t cut_before(const char *text, size_t limit)
{
	while (limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}

/* vsnprintf cuts by bytes: what is left of the last character goes too. */
__attribute__((format(printf, 2, 0))) static void format(char text[ERROR_TEXT_MAX], const char *fmt, va_list args)
{
	int n = vsnprintf(text, ERROR_TEXT_MAX, fmt, args);
	size_t last;

	if (n < 0)
		text[0] = '\0';
	if (n < ERROR_TEXT_MAX)
		return;
	last = cut_before(text, ERROR_TEXT_MAX - 2);
	if (text_utf8(text + last) == 0)
		text[last] = '\0';
}

/* The errno's words; with a limit that is too low, the limit.  No ": " in it: cut_middle looks for the last one. */
static const char *cause(int code, char *buffer, size_t size)
{
	struct rlimit limit;

	if (code != -EMFILE || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return errno_text(code);
	snprintf(buffer, size, "%s (RLIMIT_NOFILE is %llu, hull needs about %d more than are open)", errno_text(code),
		 (unsigned long long)limit.rlim_cur, DESCRIPTORS_NEEDED);
	return buffer;
}

int fail(struct error *err, int code, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX], buffer[128];
	va_list args;

	va_start(args, fmt);
	format(text, fmt, args);
	va_end(args);

	err->code = code;
	copy_escaped(err->text, sizeof(err->text), text);
	if (code < 0) {
		size_t used = strlen(err->text);
		const char *words = cause(code, buffer, sizeof(buffer));

		/* The cause matters more than the end of a long name. */
		if (used + strlen(words) + 3 > sizeof(err->text))
			used = cut_before(err->text, sizeof(err->text) - strlen(words) - 3);
		snprintf(err->text + used, sizeof(err->text) - used, ": %s", words);
	}
	return -1;
}

/* Cuts text to length, before its last ": " and what follows it, which is the cause. */
static void cut_middle(char *text, size_t length)
{
	const char *cause = NULL;
	size_t tail, keep;

	for (const char *at = text; (at = strstr(at, ": ")); at++)
		cause = at;
	tail = cause ? strlen(cause) : 0;
	if (tail >= length)
		return;
	keep = cut_before(text, length - tail);
	memmove(text + keep, cause ? cause : "", tail + 1);
}

int within(struct error *err, const char *fmt, ...)
{
	char place[ERROR_TEXT_MAX], escaped[ERROR_TEXT_MAX], rest[ERROR_TEXT_MAX];
	va_list args;
	size_t used;

	va_start(args, fmt);
	format(place, fmt, args);
	va_end(args);
	copy_escaped(escaped, sizeof(escaped), place);

	memcpy(rest, err->text, sizeof(rest));
	rest[sizeof(rest) - 1] = '\0';
	/* Where both do not fit, the end of rest, the cause, is what must survive; with it the place, if it is short. */
	used = strlen(escaped);
	if (used <= PLACE_MAX && used + strlen(rest) + 3 > sizeof(err->text))
		cut_middle(rest, sizeof(err->text) - 3 - used);
	if (used + strlen(rest) + 3 > sizeof(err->text))
		used = sizeof(err->text) > strlen(rest) + 3 ?
			       cut_before(escaped, sizeof(err->text) - 3 - strlen(rest)) :
			       0;
	if (used == 0)
		return -1;
	memcpy(err->text, escaped, used);
	memcpy(err->text + used, ": ", 2);
	strcpy(err->text + used + 2, rest);
	return -1;
}

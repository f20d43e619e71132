// SPDX-License-Identifier: LGPL-2.1-or-later
/* mountopts.c - THE table of mount options, and what a list of them adds up to.
 *
 * The access-time mode is a field of three values, not a set of bits: naming one clears the whole field, and
 * relatime, whose value is 0, is the state after clearing it. */
#include "kernel/mountopts.h"

#include <errno.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"

#define ATIME MOUNT_ATTR__ATIME

enum row_kind {
	NOTHING,
	ATTR,        /* set, clear: of the mount */
	UNDO_ATIME,  /* clear the field if it is `set` */
	SUPER,       /* set, clear: of the file system */
	READ_ONLY,   /* both */
	PROPAGATION, /* set */
	SWITCH,      /* set: offset of a bool */
	BIND,
};

struct row {
	char name[16]; /* no pointer: a table of pointers is written anew by every start */
	uint64_t set, clear;
	uint8_t kind;
	bool recursive;
};

#define FIELD(member) offsetof(struct mount_options, member)

/* Sorted by name, for bsearch. */
// clang-format off
static const struct row rows[] = {
	/* name             set                      clear                    kind         recursive */
	{ "async",          0,                       MS_SYNCHRONOUS,          SUPER,       false },
	{ "atime",          MOUNT_ATTR_NOATIME,      0,                       UNDO_ATIME,  false },
	{ "bind",           0,                       0,                       BIND,        false },
	{ "copy-symlink",   FIELD(copy_symlink),     0,                       SWITCH,      false },
	{ "defaults",       0,                       0,                       NOTHING,     false },
	{ "dest-nofollow",  FIELD(dest_nofollow),    0,                       SWITCH,      false },
	{ "dev",            0,                       MOUNT_ATTR_NODEV,        ATTR,        false },
	{ "diratime",       0,                       MOUNT_ATTR_NODIRATIME,   ATTR,        false },
	{ "dirsync",        MS_DIRSYNC,              0,                       SUPER,       false },
	{ "exec",           0,                       MOUNT_ATTR_NOEXEC,       ATTR,        false },
	{ "idmap",          FIELD(idmap),            0,                       SWITCH,      false },
	{ "iversion",       MS_I_VERSION,            0,                       SUPER,       false },
	{ "lazytime",       MS_LAZYTIME,             0,                       SUPER,       false },
	{ "loud",           0,                       MS_SILENT,               SUPER,       false },
	{ "mand",           MS_MANDLOCK,             0,                       SUPER,       false },
	{ "noatime",        MOUNT_ATTR_NOATIME,      ATIME,                   ATTR,        false },
	{ "nodev",          MOUNT_ATTR_NODEV,        0,                       ATTR,        false },
	{ "nodiratime",     MOUNT_ATTR_NODIRATIME,   0,                       ATTR,        false },
	{ "noexec",         MOUNT_ATTR_NOEXEC,       0,                       ATTR,        false },
	{ "noiversion",     0,                       MS_I_VERSION,            SUPER,       false },
	{ "nolazytime",     0,                       MS_LAZYTIME,             SUPER,       false },
	{ "nomand",         0,                       MS_MANDLOCK,             SUPER,       false },
	{ "norelatime",     0,                       0,                       NOTHING,     false },
	{ "nostrictatime",  MOUNT_ATTR_STRICTATIME,  0,                       UNDO_ATIME,  false },
	{ "nosuid",         MOUNT_ATTR_NOSUID,       0,                       ATTR,        false },
	{ "nosymfollow",    MOUNT_ATTR_NOSYMFOLLOW,  0,                       ATTR,        false },
	{ "private",        MS_PRIVATE,              0,                       PROPAGATION, false },
	{ "ratime",         MOUNT_ATTR_NOATIME,      0,                       UNDO_ATIME,  true  },
	{ "rbind",          0,                       0,                       BIND,        true  },
	{ "rdev",           0,                       MOUNT_ATTR_NODEV,        ATTR,        true  },
	{ "rdiratime",      0,                       MOUNT_ATTR_NODIRATIME,   ATTR,        true  },
	{ "relatime",       MOUNT_ATTR_RELATIME,     ATIME,                   ATTR,        false },
	{ "remount",        FIELD(remount),          0,                       SWITCH,      false },
	{ "rexec",          0,                       MOUNT_ATTR_NOEXEC,       ATTR,        true  },
	{ "ridmap",         FIELD(ridmap),           0,                       SWITCH,      false },
	{ "rnoatime",       MOUNT_ATTR_NOATIME,      ATIME,                   ATTR,        true  },
	{ "rnodev",         MOUNT_ATTR_NODEV,        0,                       ATTR,        true  },
	{ "rnodiratime",    MOUNT_ATTR_NODIRATIME,   0,                       ATTR,        true  },
	{ "rnoexec",        MOUNT_ATTR_NOEXEC,       0,                       ATTR,        true  },
	{ "rnorelatime",    MOUNT_ATTR_RELATIME,     0,                       UNDO_ATIME,  true  },
	{ "rnostrictatime", MOUNT_ATTR_STRICTATIME,  0,                       UNDO_ATIME,  true  },
	{ "rnosuid",        MOUNT_ATTR_NOSUID,       0,                       ATTR,        true  },
	{ "rnosymfollow",   MOUNT_ATTR_NOSYMFOLLOW,  0,                       ATTR,        true  },
	{ "ro",             MOUNT_ATTR_RDONLY,       0,                       READ_ONLY,   false },
	{ "rprivate",       MS_PRIVATE,              0,                       PROPAGATION, true  },
	{ "rrelatime",      MOUNT_ATTR_RELATIME,     ATIME,                   ATTR,        true  },
	{ "rro",            MOUNT_ATTR_RDONLY,       0,                       ATTR,        true  },
	{ "rrw",            0,                       MOUNT_ATTR_RDONLY,       ATTR,        true  },
	{ "rshared",        MS_SHARED,               0,                       PROPAGATION, true  },
	{ "rslave",         MS_SLAVE,                0,                       PROPAGATION, true  },
	{ "rstrictatime",   MOUNT_ATTR_STRICTATIME,  ATIME,                   ATTR,        true  },
	{ "rsuid",          0,                       MOUNT_ATTR_NOSUID,       ATTR,        true  },
	{ "rsymfollow",     0,                       MOUNT_ATTR_NOSYMFOLLOW,  ATTR,        true  },
	{ "runbindable",    MS_UNBINDABLE,           0,                       PROPAGATION, true  },
	{ "rw",             0,                       MOUNT_ATTR_RDONLY,       READ_ONLY,   false },
	{ "shared",         MS_SHARED,               0,                       PROPAGATION, false },
	{ "silent",         MS_SILENT,               0,                       SUPER,       false },
	{ "slave",          MS_SLAVE,                0,                       PROPAGATION, false },
	{ "src-nofollow",   FIELD(src_nofollow),     0,                       SWITCH,      false },
	{ "strictatime",    MOUNT_ATTR_STRICTATIME,  ATIME,                   ATTR,        false },
	{ "suid",           0,                       MOUNT_ATTR_NOSUID,       ATTR,        false },
	{ "symfollow",      0,                       MOUNT_ATTR_NOSYMFOLLOW,  ATTR,        false },
	{ "sync",           MS_SYNCHRONOUS,          0,                       SUPER,       false },
	{ "tmpcopyup",      FIELD(tmpcopyup),        0,                       SWITCH,      false },
	{ "unbindable",     MS_UNBINDABLE,           0,                       PROPAGATION, false },
};
// clang-format on

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static int compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct row *)row)->name);
}

/* The last word wins: what it sets is no longer to be cleared, and the other way round.  `field` are bits that are
 * set only after all of them were cleared (mount_setattr(2) insists on that for the access-time mode). */
static void change(uint64_t *set, uint64_t *clear, uint64_t more_set, uint64_t more_clear, uint64_t field)
{
	*set = (*set & ~more_clear) | more_set;
	*clear = (*clear & ~(more_set & ~field)) | more_clear;
}

static void apply(const struct row *row, struct mount_options *o)
{
	uint64_t *set = row->recursive ? &o->recursive_attr_set : &o->attr_set;
	uint64_t *clear = row->recursive ? &o->recursive_attr_clear : &o->attr_clear;

	switch ((enum row_kind)row->kind) {
	case NOTHING:
		break;
	case ATTR:
		change(set, clear, row->set, row->clear, ATIME);
		break;
	case UNDO_ATIME:
		if ((*set & ATIME) == row->set || row->set == MOUNT_ATTR_RELATIME)
			*set &= ~(uint64_t)ATIME;
		*clear |= ATIME;
		break;
	case SUPER:
		change(&o->super_set, &o->super_clear, row->set, row->clear, 0); /* MS_SYNCHRONOUS is a bit of ATIME */
		break;
	case READ_ONLY:
		change(set, clear, row->set, row->clear, 0);
		change(&o->super_set, &o->super_clear, row->set ? MS_RDONLY : 0, row->clear ? MS_RDONLY : 0, 0);
		break;
	case PROPAGATION:
		o->propagation = row->set;
		o->propagation_recursive = row->recursive;
		break;
	case SWITCH:
		*(bool *)((char *)o + row->set) = true;
		break;
	case BIND:
		o->bind = true;
		o->recursive |= row->recursive;
		break;
	}
}

int mount_options_read(const char *const *options, size_t n, struct mount_options *ret)
{
	struct mount_options o = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct row *row = bsearch(options[i], rows, N_ROWS, sizeof(rows[0]), compare);

		if (row) {
			apply(row, &o);
			continue;
		}
		if (*options[i] == '\0')
			continue;
		if (!o.data)
			o.data = calloc(n, sizeof(*o.data));
		if (!o.data)
			return -ENOMEM;
		o.data[o.n_data++] = options[i];
	}
	*ret = o;
	return 0;
}

void mount_options_free(struct mount_options *options)
{
	free(options->data);
	options->data = NULL;
	options->n_data = 0;
}

const char *mount_option_name(size_t i)
{
	return i < N_ROWS ? rows[i].name : NULL;
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* version.c - the answer to --version: one literal, because it is asked for often.
 *
 * Docker takes the last line that contains the word "version", and go-runc the first line and the words
 * "commit: " and "spec: ": so that word stands in the first line alone. */
#include "cli/cli.h"

#include "cli/abilities.h"
#include "commit.h"

#define SIGN_1     "+"
#define SIGN_0     "-"
#define SIGN_(yes) SIGN_##yes
#define SIGN(yes)  SIGN_(yes)

// clang-format off
static const char answer[] =
	"hull version " PACKAGE_VERSION "\n"
	"commit: " COMMIT "\n"
	"spec: " SPEC_VERSION_MAX "\n"
	"features: " SIGN(CAN_SECCOMP) "SECCOMP " SIGN(CAN_APPARMOR) "APPARMOR " SIGN(CAN_SELINUX) "SELINUX "
	SIGN(CAN_SYSTEMD) "SYSTEMD " SIGN(CAN_CRIU) "CRIU\n";
// clang-format on

int print_version(struct error *err)
{
	return print(answer, sizeof(answer) - 1, err);
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* replay.c - runs a libFuzzer target on its corpus, without libFuzzer and with any compiler.
 *
 * Linked with one fuzz_NAME.c.  Arguments are files and directories; without any, it takes
 * tests/fuzz/corpus/NAME of the source tree.  Speaks TAP: an input that is a fault ends the
 * program by a signal, after its name. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned n_run;

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0, more;

	if (!file) {
		perror(path);
		return -1;
	}
	do {
		uint8_t *larger = realloc(data, size + 65536);

		if (!larger) {
			free(data);
			fclose(file);
			return -1;
		}
		data = larger;
		more = fread(data + size, 1, 65536, file);
		size += more;
	} while (more > 0);
	fclose(file);
	printf("# %s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, size);
	printf("ok %u - %s\n", ++n_run, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	free(data);
	return 0;
}

static int run(const char *path)
{
	char below[4096];
	struct stat st;
	struct dirent *entry;
	DIR *dir;
	int result = 0;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return run_file(path);
	dir = opendir(path);
	if (!dir) {
		perror(path);
		return -1;
	}
	while (result == 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		result = run(below);
	}
	closedir(dir);
	return result;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *name = strrchr(argv[0], '/');
	char corpus[4096];
	int result = 0;

	if (argc > 1) {
		for (int i = 1; i < argc && result == 0; i++)
			result = run(argv[i]);
	} else {
		name = name ? name + 1 : argv[0];
		snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
			 name + (strncmp(name, "fuzz_", 5) == 0 ? 5 : 0));
		result = run(corpus);
	}
	printf("1..%u\n", n_run);
	return result < 0 || n_run == 0;
}

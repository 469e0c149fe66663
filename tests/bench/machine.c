#include "tests/bench/machine.h"

#include <lmdb.h>
#include <mntent.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The mount that holds `dir`: the one of the same device. */
static void print_mount(const char *dir, FILE *out)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct stat of_dir, of_mount;
	struct mntent *m;

	if (mounts == NULL || stat(dir, &of_dir) < 0)
		return;
	while ((m = getmntent(mounts)) != NULL) {
		if (stat(m->mnt_dir, &of_mount) < 0 ||
		    of_mount.st_dev != of_dir.st_dev)
			continue;
		fprintf(out, "files:   %s on %s (%s)\n", m->mnt_type,
			m->mnt_fsname, m->mnt_opts);
		break;
	}
	endmntent(mounts);
}

void machine_print(const char *dir, FILE *out)
{
	struct utsname name;

	if (uname(&name) == 0)
		fprintf(out, "machine: %s %s, %s, %ld cores\n", name.sysname,
			name.release, name.machine,
			sysconf(_SC_NPROCESSORS_ONLN));
	print_mount(dir, out);
	fprintf(out, "peers:   %s; SQLite %s; RocksDB " ROCKSDB_VERSION "\n",
		mdb_version(NULL, NULL, NULL), sqlite3_libversion());
	fprintf(out, "ratios:  of the medians over the rounds, ring to the "
		     "other; in brackets least and greatest of one round\n\n");
	fflush(out);
}

# Items that an earlier producer pushed and did not expose: produce exposes
# them first, and says so.
. "$CLI_DIR/lib.sh"
root=$CLI_DIR/../..
build=$(dirname "$RINGCTL")
cat >push.c <<'END'
#include <ring/ring.h>

#include <stdlib.h>

int main(int argc, char **argv)
{
	const struct ring_entry entries[] = { { "old 1", 5, 0, 0, 0 },
					      { "old 2", 5, 0, 0, 0 } };
	struct ring_producer *p;

	/* As a crash would: no detach. */
	_Exit(argc != 2 || ring_producer_attach(argv[1], 0, &p, 0) != 0 ||
	      ring_producer_push(p, entries, 2, 0, 0) != 0);
}
END
# The library may have been built with sanitizers; it needs them then.
link()
{
	gcc "$@" -I"$root" -o push push.c "$build/libblkring.a" -luring \
		-lblkid -laio -pthread >log 2>&1
}
link || link -fsanitize=address,undefined ||
	skip 'cannot link a program with this library'
ringctl create a.ring --size 8M
./push a.ring || echo 'push failed'
r consume a.ring 2>&1
echo new | r produce a.ring 2>&1
r consume a.ring
--- stdout
ringctl: 'a.ring': no item yet
exit 4
ringctl: exposed 2 items that an earlier producer had pushed
exit 0
old 1
old 2
new
exit 0

/*
 * The disk of the models: cells with a version that everybody reads (vis) and
 * one that a power loss can't take back (dur). Included by each model.
 *
 * - A flush hardens the visible version of every cell whose write has
 *   completed. In direct mode a write in flight can be seen already (fly) and
 *   is not covered; through the page cache nothing is in flight.
 * - A power loss leaves of each cell that is not hardened, independently, the
 *   old version, the new one or neither (0: not valid).
 * - When a cell is written again before it was hardened, the version between
 *   may have reached the medium or not: chosen then.
 *
 * Not modelled: failed reads, writes and flushes, and damage; the simulated
 * disk of the crash tests has those.
 */
#ifdef DIRECT
#define IN_FLIGHT 1
#else
#define IN_FLIGHT 0
#endif

#define CLEAN(a, i) (a.vis[i] == a.dur[i] && !a.fly[i])

/* A write becomes visible; LANDED or FLUSH_MINE completes it. */
#define PUT(a, i, v)                                                           \
	atomic {                                                               \
		if                                                             \
		:: a.vis[i] != a.dur[i] -> a.dur[i] = a.vis[i]                 \
		:: true                                                        \
		fi;                                                            \
		a.vis[i] = v;                                                  \
		a.fly[i] = IN_FLIGHT                                           \
	}

#define HARDEN(a, i)                                                           \
	if                                                                     \
	:: !a.fly[i] -> a.dur[i] = a.vis[i]                                    \
	:: else                                                                \
	fi

/* Of one cell, what a power loss leaves. */
#define LOSE(a, i)                                                             \
	if                                                                     \
	:: a.vis[i] != a.dur[i] ->                                             \
		if                                                             \
		:: a.vis[i] = a.dur[i]                                         \
		:: a.dur[i] = a.vis[i]                                         \
		:: a.vis[i] = 0; a.dur[i] = 0                                  \
		fi                                                             \
	:: else                                                                \
	fi;                                                                    \
	a.fly[i] = 0

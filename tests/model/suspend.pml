/*
 * Suspend and resume (rule R12, FORMAT.md 3.2): invariant I7.
 *
 * One producer, one asker (a consumer or the operator), each with a pair of
 * slot copies. The asker suspends, resumes, suspends, ... with fresh random
 * ids; the producer echoes them. Either is killed at any step and attaches
 * again whenever it likes; a power loss takes both. With -DDIRECT they stand
 * for two hosts: only what the other's seal covers is durable (R4 a). Without,
 * they share a page cache, and a flush after the read is the proof (R4 b).
 *
 * The data area is one bit: whether it changed since the asker was last told
 * that the ring is suspended. Being told again under the same id means that
 * nothing was written in between.
 *
 * When nothing can happen any more, the last request must be acknowledged and
 * the asker know it: the handshake converges.
 *
 * Not modelled: several askers, joining and leaving (the same handshake), late
 * writes of a fenced producer, which plain writes can't stop.
 *
 * Variants that must fail: EARLY_ACK (acknowledge before the request is
 * durable) in direct mode; EARLY_ACK through the page cache with COUNTERS in
 * place of random ids; NO_DRAIN (acknowledge with a write under way);
 * PROVEN_ONLY (an attach overlooks a request without a seal, though it was
 * acknowledged, or asks to go on and may yet vanish); FLUSH_AS_PROOF (in direct
 * mode the asker believes a visible acknowledgement after a flush); NO_SEAL
 * (does not converge). REACH must fail, too. One that must not: EARLY_ACK
 * through the page cache with random ids; COUNTERS alone neither. So either of
 * R4 and random ids guards against the absence of the other there.
 */
#include "disk.pml"

#ifndef REQUESTS
#define REQUESTS 3
#endif
#ifndef WRITES
#define WRITES 2
#endif
#ifndef POWER
#define POWER 2
#endif
#ifndef KILLS
#define KILLS 2
#endif

typedef pair { short vis[2]; short dur[2]; bit fly[2] };

pair reply;             /* the producer's slot */
pair ask;               /* the asker's slot */

/* An acknowledged id, and the same if a flush before the write covers it. */
#define REPLY(g, acked, sealed) (((g) * 16 + (acked)) * 16 + (sealed) + 1)
#define R_GENERATION(r) (((r) - 1) / 256)
#define R_ACKED(r) ((((r) - 1) / 16) % 16)
#define R_SEALED(r) (((r) - 1) % 16)
/* A request, and whether a flush before the write covers it. Ids grow. */
#define ASK(id, want, sealed) ((((id) * 2 + (want)) * 2 + (sealed)) + 1)
#define A_ID(a) (((a) - 1) / 4)
#define A_WANTS(a) ((((a) - 1) / 2) % 2)
#define A_SEALED(a) (((a) - 1) % 2)

#define MAX(a, b) ((a) > (b) -> (a) : (b))
#define NEWEST(p) MAX(p.vis[0], p.vis[1])
#define NEWEST_COPY(p) (p.vis[1] > p.vis[0] -> 1 : 0)

#define REPLY_LANDED reply.fly[0] = 0; reply.fly[1] = 0
#define ASK_LANDED ask.fly[0] = 0; ask.fly[1] = 0
#define HARDEN_ALL                                                             \
	HARDEN(reply, 0);                                                      \
	HARDEN(reply, 1);                                                      \
	HARDEN(ask, 0);                                                        \
	HARDEN(ask, 1)
#define PRODUCER_FLUSH d_step { REPLY_LANDED; HARDEN_ALL }
#define ASKER_FLUSH d_step { ASK_LANDED; HARDEN_ALL }

/* ---- what was promised --------------------------------------------------- */

byte fresh;             /* the last random id drawn: never reused */
byte told;              /* the id under which the asker was told; 0: none */
bool resuming;          /* it has asked to go on since */
bool changed;           /* the data area changed since */
byte requests, writes, losses, kills;
bool producer_dies, asker_dies;
bool settled;           /* the asker knows its last request acknowledged */
bool silent;            /* the producer takes the ring for suspended */

inline data_changes()
{
	assert(told == 0 || resuming);                              /* I7 */
	changed = true
}

inline tell()
{
	assert(!want || told != id || !changed);
	if
	:: want -> told = id; changed = false
	:: else -> told = 0; changed = false
	fi;
	resuming = false;
	settled = true
}

/* ---- the producer ------------------------------------------------------- */

inline write_reply(covered)
{
	/* R6: the copy last known durable stays. */
	d_step { copy = (sealing -> copy : 1 - copy); generation++ };
	PUT(reply, copy, REPLY(generation, acked, covered))
}

inline write_reply_durably(covered)
{
	write_reply(covered);
	PRODUCER_FLUSH;
	sealing = false
}

inline seal()
{
#if defined(DIRECT) && !defined(NO_SEAL)
	write_reply(acked);
	d_step { REPLY_LANDED; sealing = true }
#else
	skip
#endif
}

/* FORMAT.md 3.2, for the request a and what is acknowledged. */
#define IS_SUSPENDED(a)                                                        \
	(A_ID(a) != 0 && (A_WANTS(a) == (A_ID(a) == acked)))

/* Take of what was seen what is durable: R4. */
inline take()
{
#if defined(DIRECT) && !defined(EARLY_ACK)
	if
	:: A_SEALED(seen) -> taken = seen
	:: else
	fi
#else
	taken = seen
#endif
}

inline conclude()
{
#ifdef PROVEN_ONLY
	silent = IS_SUSPENDED(taken)
#else
	silent = IS_SUSPENDED(seen)
#endif
}

inline look()
{
	seen = NEWEST(ask);
#ifndef EARLY_ACK
#ifndef DIRECT
	PRODUCER_FLUSH;
#endif
#endif
	d_step { take() }
}

inline answer()
{
	if
	:: A_ID(taken) != 0 && A_ID(taken) != acked ->
		before = acked;
		acked = A_ID(taken);
		write_reply_durably(before);
		seal()
	:: else
	fi;
	d_step { conclude(); before = 0 }
}

inline write_data()
{
	writes++;
	d_step { data_changes() };
	/* C3: read while the data is under way; the flush comes after. */
	seen = NEWEST(ask);
#ifdef NO_DRAIN
	d_step { taken = seen };
	answer();
	d_step { data_changes() }
#else
	d_step { data_changes() };
#ifndef EARLY_ACK
	PRODUCER_FLUSH;
#endif
	d_step { take() };
	answer()
#endif
}

inline attach_producer()
{
	PRODUCER_FLUSH;                                             /* A1 */
	d_step {
		generation = R_GENERATION(NEWEST(reply));
		acked = R_ACKED(NEWEST(reply));
		copy = NEWEST_COPY(reply);
		taken = ASK(0, 0, 1);
		seen = 0
	};
	write_reply_durably(acked);                                 /* A2 */
	look();                                                     /* A3 */
	PRODUCER_FLUSH;                                             /* A4 */
	answer()                                                    /* A5 */
}

#define SEES_NEWS                                                              \
	(NEWEST(ask) != seen && (A_ID(NEWEST(ask)) != acked || silent))

proctype producer()
{
	byte generation, copy, acked, before;
	short seen, taken;
	bool sealing;

again:
	{
		attach_producer();
		do
		:: !silent && writes < WRITES -> write_data()
		:: SEES_NEWS -> look(); answer()
		od
	} unless {
		atomic {
			producer_dies ->
			d_step {
				producer_dies = false;
				generation = 0; copy = 0; acked = 0; seen = 0;
				taken = 0; sealing = false; before = 0;
				silent = false
			};
			goto again
		}
	}
}

/* ---- the asker ----------------------------------------------------------- */

inline attach_asker()
{
	ASKER_FLUSH;
	d_step {
		copy = NEWEST_COPY(ask);
		id = A_ID(NEWEST(ask));
		want = A_WANTS(NEWEST(ask));
		settled = false;
		/* Did the request to go on get lost? Then it was never made. */
		if
		:: told != 0 && told == id -> resuming = false
		:: else
		fi
	};
	/* Twice, so that either copy alone is this epoch's. */
	PUT(ask, 1 - copy, ASK(id, want, 1));
	ASKER_FLUSH;
	PUT(ask, copy, ASK(id, want, 1));
	ASKER_FLUSH
}

inline request()
{
	d_step {
		requests++;
		settled = false;
		want = 1 - want;
		resuming = !want;
		fresh++;
#ifdef COUNTERS
		id++
#else
		id = fresh
#endif
	};
	copy = 1 - copy;
	PUT(ask, copy, ASK(id, want, 0));
	ASKER_FLUSH;
#if defined(DIRECT) && !defined(NO_SEAL)
	PUT(ask, 1 - copy, ASK(id, want, 1));
	d_step { ASK_LANDED }
#endif
}

/* Id 0 is no request: nothing is to be acknowledged. */
#define IS_ACKED (id == 0 || R_ACKED(NEWEST(reply)) == id)
#define ACK_IS_SEALED (id == 0 || R_SEALED(NEWEST(reply)) == id)

proctype asker()
{
	byte copy, id;
	bit want;

again:
	{
		attach_asker();
		do
		:: settled && requests < REQUESTS -> request()
#if defined(DIRECT) && !defined(FLUSH_AS_PROOF)
		:: atomic {
			!settled && IS_ACKED && ACK_IS_SEALED ->
			d_step { tell() }
		}
#else
		:: !settled && IS_ACKED ->
			ASKER_FLUSH;
			d_step { tell() }
#endif
		od
	} unless {
		atomic {
			asker_dies ->
			d_step {
				asker_dies = false;
				copy = 0; id = 0; want = 0; settled = false
			};
			goto again
		}
	}
}

/* ---- what happens to them ------------------------------------------------ */

proctype fate()
{
	do
	:: losses < POWER ->
		atomic {
			losses++;
			LOSE(reply, 0);
			LOSE(reply, 1);
			LOSE(ask, 0);
			LOSE(ask, 1);
			producer_dies = true;
			asker_dies = true
		}
	:: kills < KILLS ->
		atomic { kills++; REPLY_LANDED; producer_dies = true }
	:: kills < KILLS ->
		atomic { kills++; ASK_LANDED; asker_dies = true }
	:: losses == POWER && kills == KILLS -> break
	od
}

proctype judge()
{
	timeout ->
	assert(settled && requests == REQUESTS);
	assert(silent == (told != 0));
	assert(silent || writes == WRITES)
}

#ifdef REACH
proctype claim()
{
	losses == POWER && requests == REQUESTS && settled &&
		writes == WRITES ->
	assert(false)
}
#endif

init
{
	atomic {
		reply.vis[0] = REPLY(0, 0, 0);
		reply.dur[0] = reply.vis[0];
		reply.vis[1] = REPLY(0, 0, 0);
		reply.dur[1] = reply.vis[1];
		ask.vis[0] = ASK(0, 0, 1);
		ask.dur[0] = ask.vis[0];
		ask.vis[1] = ASK(0, 0, 1);
		ask.dur[1] = ask.vis[1];
		run producer();
		run asker();
		run fate();
		run judge();
#ifdef REACH
		run claim()
#endif
	}
}

/*
 * The stream: publish, recovery, reading, reuse of space (rules R1 to R9).
 *
 * One producer, one consumer, on one host: a ring of RING cells, batches of one
 * or two cells (an item and its commit, in one cell or in two). Either side may
 * be killed at any step and attaches again; a power loss kills both. With
 * -DDIRECT both use direct I/O, and the proof is a mark (R4 a); without, both
 * go through the page cache, and the proof is a flush (R4 b).
 *
 * Not modelled here: take-over from another host (takeover.pml), suspending
 * (suspend.pml), push without exposing, records that straddle cells, several
 * cursors, checkpoints beside a batch, the packed mode's tail block.
 *
 * Positions are counted in cells. A cell holds the number of the batch that
 * wrote it; what the batch says stands in tables, since it never changes. Its
 * commit's durable mark is where it starts.
 *
 * Variants that must fail: NO_FLUSH (acknowledge before the flush), NO_PROOF
 * (deliver what is visible), NO_RECOVERY_FLUSH, NO_EPOCH (records of any epoch
 * are valid), NO_REUSE_PROOF (reuse what a visible cursor gives free),
 * NO_SLOT_PAIR (always write the same copy). REACH must fail, too: it claims
 * that no long run exists, and so shows that the model gets that far.
 */
#include "disk.pml"

#ifndef RING
#define RING 3
#endif
#ifndef BATCHES
#define BATCHES 4
#endif
#ifndef POWER
#define POWER 2
#endif
#ifndef KILLS
#define KILLS 1
#endif

#define EPOCHS 5       /* 1 + POWER + KILLS, and 0 */
#define POSITIONS 9    /* 2 * BATCHES + 1 */
#define NONE 255

typedef data_cells { byte vis[RING]; byte dur[RING]; bit fly[RING] };
typedef slot_cells { short vis[4]; short dur[4]; bit fly[4] };
typedef cursor_cells { short vis[2]; short dur[2]; bit fly[2] };

data_cells data;
slot_cells slot;       /* pair q is copies 2q and 2q + 1; epoch e: q = e % 2 */
cursor_cells cursor;

/* What the batches say. */
byte b_start[BATCHES + 1];
byte b_len[BATCHES + 1];
byte b_epoch[BATCHES + 1];
byte batches;

/* The segments in the slots of this epoch and later: where each starts. */
byte starts[EPOCHS];

/*
 * Slots and cursors need no generation: what they say only grows. 0 is a copy
 * that is not valid.
 */
#define SLOT(e, a, ck) (((e) * 2 + (a)) * 16 + (ck) + 1)
#define S_EPOCH(s) (((s) - 1) / 32)
#define S_ATTACHED(s) ((((s) - 1) / 16) % 2)
#define S_CHECKPOINT(s) (((s) - 1) % 16)
#define CURSOR(p, sealed) ((p) * 16 + (sealed) + 1)
#define C_POSITION(c) (((c) - 1) / 16)
#define C_SEALED(c) (((c) - 1) % 16)

#define MAX(a, b) ((a) > (b) -> (a) : (b))
#define MIN(a, b) ((a) < (b) -> (a) : (b))
#define NEWEST_SLOT(v)                                                         \
	MAX(MAX(slot.v[0], slot.v[1]), MAX(slot.v[2], slot.v[3]))
#define NEWEST_CURSOR(v) MAX(cursor.v[0], cursor.v[1])

/* FORMAT.md 4.3, as told by a slot whose last segment is of epoch m. */
#define CUT(y, b, p, m) (y > b_epoch[b] && y <= (m) && starts[y] <= (p))
#ifdef NO_EPOCH
#define IN_RANGE(b, p, m) true
#else
#define IN_RANGE(b, p, m)                                                      \
	(b_epoch[b] <= (m) && starts[b_epoch[b]] <= (p) &&                     \
	 !CUT(2, b, p, m) && !CUT(3, b, p, m) && !CUT(4, b, p, m))
#endif

/* Cell content b is, under m, a valid record at p, in a batch from s */
#define IS_RECORD(b, p, s, m)                                                  \
	(b != 0 && b_start[b] == (s) && (p) < (s) + b_len[b] &&                \
	 IN_RANGE(b, p, m))
/* The first cell of a batch may be of another one than the commit, so that
 * the assertions can tell. */
#define IS_FIRST(b, p, m) IS_RECORD(b, p, p, m)
#define IS_SECOND(b, p, m) (IS_RECORD(b, (p) + 1, p, m) && b_len[b] == 2)
#define AT(p) data.vis[(p) % RING]

inline harden_all()
{
	i = 0;
	do
	:: i < RING -> HARDEN(data, i); i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < 4 -> HARDEN(slot, i); i++
	:: else -> break
	od;
	HARDEN(cursor, 0);
	HARDEN(cursor, 1);
	i = 0
}

/* All my writes have completed; a flush of everything that has. */
inline producer_landed()
{
	i = 0;
	do
	:: i < RING -> data.fly[i] = 0; i++
	:: else -> break
	od;
	slot.fly[0] = 0;
	slot.fly[1] = 0;
	slot.fly[2] = 0;
	slot.fly[3] = 0
}
#define PRODUCER_FLUSH d_step { producer_landed(); harden_all() }
#define consumer_landed() cursor.fly[0] = 0; cursor.fly[1] = 0
#define CONSUMER_FLUSH d_step { consumer_landed(); harden_all() }

/* ---- what was promised: no part of the ring ------------------------------ */

byte acked;             /* the end of what publish returned success for */
byte advanced;          /* the position that advance returned success for */
byte seen[POSITIONS];   /* which batch the consumer was given there */
bool producer_dies, consumer_dies;
bool producer_up;
byte losses;

/* I1, I4: what recovery found is all that was promised or seen. */
inline check_recovered(from, upto)
{
	assert(upto >= acked);
	assert(C_POSITION(NEWEST_CURSOR(vis)) <= upto);
	i = from;
	do
	:: i < POSITIONS ->
		assert(seen[i] == 0 || (i < upto && seen[i] == AT(i)));
		i++
	:: else -> break
	od;
	i = 0
}

/* Not needed any more: fewer states. */
inline forget_consumed()
{
	i = 0;
	do
	:: i < advanced -> seen[i] = 0; i++
	:: else -> break
	od;
	i = 0
}

/* R5: what a crash now would make us need is not overwritten. */
inline check_reuse(p)
{
	assert((p) < RING || C_POSITION(NEWEST_CURSOR(dur)) > (p) - RING);
	assert((p) < RING || S_CHECKPOINT(NEWEST_SLOT(dur)) > (p) - RING)
}

/* ---- the producer ------------------------------------------------------- */

/* R6: the copy last known durable stays; a flush swaps them. */
#ifdef NO_SLOT_PAIR
#define NEXT_COPY 0
#else
#define NEXT_COPY (sealing -> copy : 1 - copy)
#endif

inline write_slot(attached, ck)
{
	copy = NEXT_COPY;
	PUT(slot, (epoch % 2) * 2 + copy, SLOT(epoch, attached, ck))
}

inline write_checkpoint()
{
	write_slot(1, end);
	PRODUCER_FLUSH;
	d_step { checkpoint[copy] = end; sealing = false }
}

inline attach_producer()
{
#ifndef NO_RECOVERY_FLUSH
	PRODUCER_FLUSH;                                             /* A1 */
#endif
	d_step {
		old = NEWEST_SLOT(vis);
		epoch = S_EPOCH(old) + 1;
		/* That one wrote no data: its start never became durable. */
		starts[epoch] = NONE;
		if
		:: !S_ATTACHED(old) -> starts[epoch - 1] = NONE
		:: else
		fi;
		end = S_CHECKPOINT(old);
		/* A copy that is not valid is written first. */
		copy = (slot.vis[(epoch % 2) * 2 + 1] != 0);
		checkpoint[0] = end;
		checkpoint[1] = end
	};
	write_slot(0, end);                                         /* A2 */
#ifndef NO_RECOVERY_FLUSH
	PRODUCER_FLUSH;
#endif
	d_step {                                                    /* A3 */
		do
		:: IS_FIRST(AT(end), end, epoch) && b_len[AT(end)] == 1 ->
			end++
		:: IS_FIRST(AT(end), end, epoch) && b_len[AT(end)] == 2 &&
		   IS_SECOND(AT(end + 1), end, epoch) ->
			end = end + 2
		:: else -> break
		od;
		check_recovered(S_CHECKPOINT(old), end)
	};
#ifndef NO_RECOVERY_FLUSH
	PRODUCER_FLUSH;                                             /* A4 */
#endif
	d_step {
		starts[epoch] = end;
		old = 0
	};
	write_checkpoint();                                         /* A5 */
	producer_up = true
}

inline make_room()
{
	if
	:: end + size > free + RING ->
#ifdef DIRECT
		old = C_SEALED(NEWEST_CURSOR(vis));
#else
		old = C_POSITION(NEWEST_CURSOR(vis));
#ifndef NO_REUSE_PROOF
		PRODUCER_FLUSH;
#endif
#endif
#ifdef NO_REUSE_PROOF
		old = C_POSITION(NEWEST_CURSOR(vis));
#endif
		d_step { free = old; old = 0 }
	:: else
	fi;
	do
	:: end + size <= free + RING &&
	   end + size > MIN(checkpoint[0], checkpoint[1]) + RING &&
	   end > MIN(checkpoint[0], checkpoint[1]) ->
		write_checkpoint()
	:: else -> break
	od
}

#define WRITE_CELL(p)                                                          \
	atomic {                                                               \
		check_reuse(p);                                                \
		PUT(data, (p) % RING, batch)                                   \
	}

inline publish()
{
	d_step {                                                    /* C2 */
		batches++;
		batch = batches;
		b_start[batch] = end;
		b_len[batch] = size;
		b_epoch[batch] = epoch
	};
	if                                                          /* C3 */
	:: size == 1 -> WRITE_CELL(end)
	:: size == 2 -> WRITE_CELL(end); WRITE_CELL(end + 1)
	:: size == 2 -> WRITE_CELL(end + 1); WRITE_CELL(end)
	fi;
#ifndef NO_FLUSH
	PRODUCER_FLUSH;                                             /* C4 */
#endif
	d_step {                                                    /* C5 */
		sealing = false;
		end = end + size;
		acked = end;
		batch = 0;
		size = 0
	};
#ifdef DIRECT
	write_slot(1, end);                                         /* C7 */
	d_step { producer_landed(); i = 0; sealing = true }
#endif
}

proctype producer()
{
	byte epoch, copy, end, free, size, batch, i;
	byte checkpoint[2];
	short old;
	bool sealing;

again:
	{
		attach_producer();
		do
		:: batches < BATCHES ->
#ifdef SIZES
			size = 1 + ((SIZES >> batches) & 1);
#else
			if
			:: size = 1
			:: size = 2
			fi;
#endif
			make_room();
			if
			:: end + size <= free + RING &&
			   end + size <= MIN(checkpoint[0], checkpoint[1]) +
						RING ->
				publish()
			:: else
			fi
		:: else -> break
		od;
		false
	} unless {
		atomic {
			producer_dies ->
			d_step {
				producer_dies = false;
				producer_up = false;
				epoch = 0; copy = 0; end = 0;
				free = 0; size = 0; batch = 0; old = 0; i = 0;
				sealing = false;
				checkpoint[0] = 0; checkpoint[1] = 0
			};
			goto again
		}
	}
}

/* ---- the consumer ------------------------------------------------------- */

inline look_at_slot(ret_epoch, ret_attached)
{
	ret_epoch = S_EPOCH(NEWEST_SLOT(vis));
	ret_attached = S_ATTACHED(NEWEST_SLOT(vis));
	mark = MAX(mark, S_CHECKPOINT(NEWEST_SLOT(vis)))
}

/* Cells of a batch at p: first and second, and its length or 0. */
inline read_batch(p, first, second, ret_len)
{
	first = AT(p);
	ret_len = 0;
	if
	:: IS_FIRST(first, p, last) && b_len[first] == 1 -> ret_len = 1
	:: IS_FIRST(first, p, last) && b_len[first] == 2 ->
		second = AT((p) + 1);
		if
		:: IS_SECOND(second, p, last) -> ret_len = 2
		:: else
		fi
	:: else
	fi
}

inline deliver()
{
	assert(got == 1 || first == second);              /* I2 */
	assert(got == b_len[first]);
	assert(reader + got <= batches * 2);
	assert(seen[reader] == 0 || seen[reader] == first);   /* I4 */
	seen[reader] = first;
	if
	:: got == 2 ->
		assert(seen[reader + 1] == 0 || seen[reader + 1] == first);
		seen[reader + 1] = first
	:: else
	fi;
	reader = reader + got
}

inline forget_reading()
{
	epoch = 0; attached = 0; epoch2 = 0; attached2 = 0; last = 0;
	mark = 0; got = 0; first = 0; second = 0; flushed = false
}

inline read_one()
{
	d_step {                                                    /* D1 */
		look_at_slot(epoch, attached);
		last = (attached -> epoch : epoch - 1)
	};
	read_batch(reader, first, second, got);                     /* D2 */
	if
	:: got == 0 ->
		d_step {
			look_at_slot(epoch2, attached2);
			/* Nothing was damaged, so nothing may look so. */
			assert(epoch2 != epoch || reader >= mark ||
			       reader < position ||
			       S_CHECKPOINT(NEWEST_SLOT(vis)) > reader)
		}
	:: got > 0 ->
		d_step {
			next = 0;
			if
			:: reader + got > mark ->
				read_batch(reader + got, third, fourth, next)
			:: else
			fi;
			if
			:: next > 0 -> mark = MAX(mark, b_start[third])
			:: else
			fi;
			next = 0;
			third = 0;
			fourth = 0
		};
#ifdef NO_PROOF
		mark = reader + got;
#endif
		if
		:: reader + got > mark ->                           /* D3 */
#ifndef DIRECT
			CONSUMER_FLUSH;
			flushed = true
#endif
		:: else
		fi;
		d_step {                                            /* D4 */
			look_at_slot(epoch2, attached2);
			if
			:: epoch2 == epoch && attached2 == attached &&
			   (reader + got <= mark || (flushed && attached)) ->
				deliver()
			:: else
			fi
		}
	fi;
	d_step { forget_reading() }
}

inline advance()
{
	copy = 1 - copy;
	PUT(cursor, copy, CURSOR(reader, position));
	CONSUMER_FLUSH;
	d_step {
		position = reader;
		advanced = reader;
		forget_consumed()
	};
#ifdef DIRECT
	copy = 1 - copy;
	PUT(cursor, copy, CURSOR(position, position));
	/* R6: the copy last flushed stays; the next write takes this one. */
	d_step { consumer_landed(); copy = 1 - copy }
#endif
}

proctype consumer()
{
	byte copy, position, reader, i;
	byte epoch, attached, epoch2, attached2, last;
	byte mark, got, next, first, second, third, fourth;
	bool flushed;

again:
	{
		CONSUMER_FLUSH;
		d_step {
			copy = (cursor.vis[1] > cursor.vis[0] -> 1 : 0);
			position = C_POSITION(NEWEST_CURSOR(vis));
			assert(position >= advanced);               /* I3 */
			reader = position
		};
		do
		:: reader < 2 * batches -> read_one()
		:: reader > position -> advance()
		od
	} unless {
		atomic {
			consumer_dies ->
			d_step {
				consumer_dies = false;
				forget_reading();
				copy = 0; position = 0;
				reader = 0; i = 0
			};
			goto again
		}
	}
}

/* ---- what happens to them ------------------------------------------------ */

inline power_loss()
{
	i = 0;
	do
	:: i < RING -> LOSE(data, i); i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < 4 -> LOSE(slot, i); i++
	:: else -> break
	od;
	LOSE(cursor, 0);
	LOSE(cursor, 1);
	i = 0
}

proctype fate()
{
	byte i, kills;

	do
	:: losses < POWER ->
		atomic {
			losses++;
			power_loss();
			producer_dies = true;
			consumer_dies = true
		}
	:: kills < KILLS ->
		/* The lock outlives a process until its last I/O is done. */
		atomic {
			kills++;
			d_step { producer_landed(); i = 0 };
			producer_dies = true
		}
	:: kills < KILLS ->
		atomic {
			kills++;
			d_step { consumer_landed() };
			consumer_dies = true
		}
	:: losses == POWER && kills == KILLS -> break
	od
}

#ifdef REACH
#define GOAL (losses == POWER && advanced >= RING + 2 && batches == BATCHES)
proctype claim() { GOAL -> assert(false) }
#endif

init
{
	atomic {
		slot.vis[0] = SLOT(0, 1, 0);
		slot.dur[0] = slot.vis[0];
		slot.vis[1] = SLOT(0, 1, 0);
		slot.dur[1] = slot.vis[1];
		cursor.vis[0] = CURSOR(0, 0);
		cursor.dur[0] = cursor.vis[0];
		cursor.vis[1] = CURSOR(0, 0);
		cursor.dur[1] = cursor.vis[1];
		starts[0] = 0;
		starts[1] = NONE;
		starts[2] = NONE;
		starts[3] = NONE;
		starts[4] = NONE;
		run producer();
		run consumer();
		run fate();
#ifdef REACH
		run claim()
#endif
	}
}

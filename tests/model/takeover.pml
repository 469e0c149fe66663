/*
 * A producer on another host takes over while the former one is only slow
 * (rules R7 to R11): its writes land late, and it does not know.
 *
 * A zombie of epoch 1, an heir, a consumer, each on a host of its own, all with
 * direct I/O: marks are the only proof, and a write in flight can be seen. The
 * heir may be killed, or a power loss take all (the zombie stays dead then); it
 * attaches again. A consumer that lost power reads from the start: it stands
 * for another one that must be given the same. The zombie's death is among its
 * behaviours, since it may stop at any step with a write half done.
 *
 * Not modelled: how the heir finds that the zombie looks dead, the end of the
 * ring (positions don't wrap), cursors, more than one take-over, writes larger
 * than GAP, slot pairs that are used again (DESIGN.md, "Limits").
 *
 * Variants that must fail: NO_GAP; NO_EPOCH_CHECK (the consumer does not read
 * the slot again); EPOCH_CHECK_ONLY (it does, but overlooks that the same epoch
 * has meanwhile begun to write, and so the segments have changed); NO_FENCE
 * (the zombie never looks); EARLY_FENCE (it looks while the batch is under way,
 * not when that has landed); NO_REWRITE (the heir believes what may only have
 * been in flight when it looked); NO_SCAN_FLUSH (nor flushes, A4). REACH
 * must fail, too: it claims that nothing comes late.
 */
#define DIRECT
#include "disk.pml"

#ifndef ZOMBIE_BATCHES
#define ZOMBIE_BATCHES 2
#endif
#ifndef HEIR_BATCHES
#define HEIR_BATCHES 1
#endif
#ifndef POWER
#define POWER 1
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifdef NO_GAP
#define GAP 0
#else
#define GAP 2           /* the largest batch */
#endif

#define CELLS 14
#define BATCHES (ZOMBIE_BATCHES + HEIR_BATCHES)
#define EPOCHS 5        /* 0, the zombie's, and 1 + POWER + KILLS heirs */
#define COPIES (2 * EPOCHS)
#define NONE 255

typedef data_cells { byte vis[CELLS]; byte dur[CELLS]; bit fly[CELLS] };
typedef slot_cells { short vis[COPIES]; short dur[COPIES]; bit fly[COPIES] };

data_cells data;
slot_cells slot;        /* epoch e writes copies 2e and 2e + 1 (R11) */
hidden short newest;    /* of the slots, as a reader finds them: scratch */

byte b_start[BATCHES + 1];
byte b_len[BATCHES + 1];
byte b_epoch[BATCHES + 1];

/* The segments: epoch e begins at starts[e]; the one before ends at ends[e] */
byte starts[EPOCHS];
byte ends[EPOCHS];

#define SLOT(e, a, owes, ck) ((((e) * 2 + (a)) * 2 + (owes)) * 16 + (ck) + 1)
#define S_EPOCH(s) (((s) - 1) / 64)
#define S_ATTACHED(s) ((((s) - 1) / 32) % 2)
#define S_OWES(s) ((((s) - 1) / 16) % 2)
#define S_CHECKPOINT(s) (((s) - 1) % 16)
#define MAX(a, b) ((a) > (b) -> (a) : (b))

#define CUT(y, b, p, m) (y > b_epoch[b] && y <= (m) && ends[y] <= (p))
#define IN_RANGE(b, p, m)                                                      \
	(b_epoch[b] <= (m) && starts[b_epoch[b]] <= (p) &&                     \
	 !CUT(2, b, p, m) && !CUT(3, b, p, m) && !CUT(4, b, p, m))
#define IS_RECORD(b, p, s, m)                                                  \
	(b != 0 && b_start[b] == (s) && (p) < (s) + b_len[b] &&                \
	 IN_RANGE(b, p, m))
#define IS_FIRST(b, p, m) IS_RECORD(b, p, p, m)
#define IS_SECOND(b, p, m) (IS_RECORD(b, (p) + 1, p, m) && b_len[b] == 2)

/* The gap is not parsed: FORMAT.md 4.3. */
#define IN_GAP(y, p, m) ((y) <= (m) && ends[y] <= (p) && (p) < starts[y] &&    \
			 starts[y] != NONE)
#define SKIP_GAP(p, m)                                                         \
	(IN_GAP(2, p, m) -> starts[2] :                                        \
	 (IN_GAP(3, p, m) -> starts[3] :                                       \
	  (IN_GAP(4, p, m) -> starts[4] : (p))))

inline find_newest()
{
	k = 0;
	newest = 0;
	do
	:: k < COPIES -> newest = MAX(newest, slot.vis[k]); k++
	:: else -> break
	od;
	k = 0
}

inline harden_all()
{
	k = 0;
	do
	:: k < CELLS -> HARDEN(data, k); k++
	:: else -> break
	od;
	k = 0;
	do
	:: k < COPIES -> HARDEN(slot, k); k++
	:: else -> break
	od;
	k = 0
}

/* My write of a batch, or of a slot copy, has completed; then a flush. */
inline batch_landed(p)
{
	data.fly[p] = 0;
	if
	:: size == 2 -> data.fly[p + 1] = 0
	:: else
	fi
}
#define FLUSH_BATCH(p) d_step { batch_landed(p); harden_all() }
#define FLUSH_SLOT d_step { slot.fly[2 * epoch + copy] = 0; harden_all() }

/* ---- what was promised --------------------------------------------------- */

byte acked;             /* the end of what any publish returned success for */
byte recovered;         /* the zombie's end, as the heir found it, or NONE */
byte seen[CELLS];
bool heir_dies, consumer_dies, zombie_dies;
byte losses, written_by_heir;
hidden byte k;          /* scratch */

inline check_recovered(from, upto)
{
	assert(upto >= acked);                                      /* I1 */
	k = from;
	do
	:: k < CELLS ->
		assert(seen[k] == 0 || (k < upto && seen[k] == data.vis[k]));
		k++
	:: else -> break
	od;
	k = 0
}

/* ---- both producers ------------------------------------------------------ */

inline new_batch(number)
{
	batch = number;
	b_start[batch] = end;
	b_len[batch] = size;
	b_epoch[batch] = epoch
}

/* Nobody's write may hit what another one was told is safe (R10). */
#define WRITE_CELL(p)                                                          \
	atomic {                                                               \
		assert(data.vis[p] == 0 || b_epoch[data.vis[p]] <= epoch);     \
		PUT(data, p, batch)                                            \
	}

inline write_cells()
{
	if
	:: size == 1 -> WRITE_CELL(end)
	:: size == 2 -> WRITE_CELL(end); WRITE_CELL(end + 1)
	:: size == 2 -> WRITE_CELL(end + 1); WRITE_CELL(end)
	fi
}

/* R6 is stream.pml's matter: here the seal goes to the other copy. */
inline seal()
{
	atomic {
		copy = 1 - copy;
		PUT(slot, 2 * epoch + copy, SLOT(epoch, 1, 0, end));
		slot.fly[2 * epoch + copy] = 0
	}
}

/* ---- the zombie ---------------------------------------------------------- */

inline look_at_fence()
{
	d_step { find_newest(); fenced = (S_EPOCH(newest) > epoch) }
}

proctype zombie()
{
	byte end, size, batch, written;
	byte epoch = 1;
	bit copy;
	bool fenced;

	{
		do
		:: !fenced && written < ZOMBIE_BATCHES ->
			if
			:: size = 1
			:: size = 2
			fi;
			d_step { written++; new_batch(written) };
#ifdef EARLY_FENCE
			look_at_fence();
#endif
			write_cells();
			d_step { batch_landed(end) };
#if !defined(EARLY_FENCE) && !defined(NO_FENCE)
			look_at_fence();
#endif
			d_step { harden_all() };
			if
			:: !fenced ->
				d_step {
					end = end + size;
					assert(recovered == NONE ||
					       end <= recovered);   /* I1 */
					acked = end;
					batch = 0
				};
				seal()
			:: else
			fi
		:: else -> break
		od;
		false
	} unless {
		atomic { zombie_dies -> d_step { end = 0; size = 0; batch = 0;
			written = 0; copy = 0; fenced = 0 } }
	}
}

/* ---- the heir ------------------------------------------------------------ */

/* A3: cell by cell, for the zombie may be writing. */
inline scan()
{
	do
	:: true ->
		first = data.vis[end];
		if
		:: IS_FIRST(first, end, epoch) && b_len[first] == 1 ->
			end = SKIP_GAP(end + 1, epoch)
		:: IS_FIRST(first, end, epoch) && b_len[first] == 2 ->
			second = data.vis[end + 1];
			if
			:: IS_SECOND(second, end, epoch) ->
				end = SKIP_GAP(end + 2, epoch)
			:: else -> break
			fi
		:: else -> break
		fi
	od;
	first = 0;
	second = 0
}

/* What was seen may be a write of the zombie's that is not done: the same
 * bytes once more, and flushed, stay whatever becomes of that one. */
inline rewrite()
{
	k = from;
	do
	:: k < end -> data.dur[k] = data.vis[k]; data.fly[k] = 0; k++
	:: else -> break
	od;
	k = 0
}

inline attach_heir()
{
	d_step { harden_all() };                                    /* A1 */
	d_step {
		find_newest();
		epoch = S_EPOCH(newest) + 1;
		owes = (S_OWES(newest) || S_EPOCH(newest) == 1);
		from = S_CHECKPOINT(newest);
		if
		:: !S_ATTACHED(newest) ->
			starts[epoch - 1] = NONE;
			ends[epoch - 1] = NONE
		:: else
		fi;
		end = from;
		copy = 0
	};
	PUT(slot, 2 * epoch, SLOT(epoch, 0, owes, from));           /* A2 */
	FLUSH_SLOT;
	scan();                                                     /* A3 */
	d_step {
		check_recovered(from, end);
		if
		:: owes -> recovered = end
		:: else
		fi
	};
#ifndef NO_SCAN_FLUSH
	d_step { harden_all() };                                    /* A4 */
#ifndef NO_REWRITE
	d_step { rewrite() };
#endif
#endif
	d_step {
		ends[epoch] = end;
		end = (owes -> end + GAP : end);
		starts[epoch] = end;
		copy = 1;
		from = 0;
		owes = 0
	};
	PUT(slot, 2 * epoch + 1, SLOT(epoch, 1, 0, end));           /* A5 */
	FLUSH_SLOT
}

proctype heir()
{
	byte epoch, end, from, size, batch, first, second;
	bit copy, owes;

again:
	{
		attach_heir();
		do
		:: written_by_heir < HEIR_BATCHES ->
			d_step {
				size = 1;
				written_by_heir++;
				new_batch(ZOMBIE_BATCHES + written_by_heir)
			};
			WRITE_CELL(end);
			FLUSH_BATCH(end);
			d_step { end = end + size; acked = end; batch = 0 };
			seal()
		:: else -> break
		od;
		false
	} unless {
		atomic {
			heir_dies ->
			d_step {
				heir_dies = false;
				epoch = 0; end = 0; from = 0; size = 0;
				batch = 0; first = 0; second = 0; copy = 0;
				owes = 0
			};
			goto again
		}
	}
}

/* ---- the consumer -------------------------------------------------------- */

inline look_at_slot(ret_epoch, ret_attached)
{
	find_newest();
	ret_epoch = S_EPOCH(newest);
	ret_attached = S_ATTACHED(newest);
	mark = MAX(mark, S_CHECKPOINT(newest))
}

inline read_batch(p, ret_len)
{
	ret_len = 0;
	first = data.vis[p];
	if
	:: IS_FIRST(first, p, last) && b_len[first] == 1 -> ret_len = 1
	:: IS_FIRST(first, p, last) && b_len[first] == 2 ->
		second = data.vis[(p) + 1];
		if
		:: IS_SECOND(second, p, last) -> ret_len = 2
		:: else
		fi
	:: else
	fi
}

inline deliver()
{
	/* I8: nothing of the zombie behind the end that the heir found. */
	assert(b_epoch[item] > 1 || reader < recovered);
	assert(seen[reader] == 0 || seen[reader] == item);          /* I4 */
	seen[reader] = item;
	if
	:: got == 2 ->
		assert(seen[reader + 1] == 0 || seen[reader + 1] == item);
		seen[reader + 1] = item
	:: else
	fi;
	reader = reader + got
}

inline forget_reading()
{
	epoch = 0; attached = 0; epoch2 = 0; attached2 = 0; last = 0;
	mark = 0; got = 0; evidence = 0; item = 0
}

/* R8: the segments that the data was judged by are still those. */
#ifdef NO_EPOCH_CHECK
#define SAME_SLOT true
#else
#ifdef EPOCH_CHECK_ONLY
#define SAME_SLOT (epoch2 == epoch)
#else
#define SAME_SLOT (epoch2 == epoch && attached2 == attached)
#endif
#endif

inline read_one()
{
	d_step {                                                    /* D1 */
		look_at_slot(epoch, attached);
		last = (attached -> epoch : epoch - 1);
		reader = SKIP_GAP(reader, last);
		evidence = mark
	};
	/*
	 * D2, in one step: cells become valid and stay so, and what one read
	 * after the other finds is found by reading all when the last one is.
	 */
	d_step {
		read_batch(reader, got);
		item = first;
		at = SKIP_GAP(reader + got, last);
		if
		:: got > 0 && reader + got > mark ->
			read_batch(at, more);
			if
			:: more > 0 -> mark = MAX(mark, b_start[first])
			:: else
			fi
		:: else
		fi;
		at = 0;
		more = 0;
		first = 0;
		second = 0
	};
	if
	:: got == 0 ->
		d_step {
			look_at_slot(epoch2, attached2);
			/* Nothing was damaged, so nothing may look so. */
			assert(epoch2 != epoch || attached2 != attached ||
			       reader >= evidence)
		}
	:: got > 0 ->
		d_step {                                            /* D4 */
			look_at_slot(epoch2, attached2);
			if
			:: SAME_SLOT && reader + got <= mark -> deliver()
			:: else
			fi
		}
	fi;
	d_step { forget_reading() }
}

proctype consumer()
{
	byte reader, at, item, more;
	byte epoch, attached, epoch2, attached2, last;
	byte mark, got, evidence, first, second;

again:
	{
		do
		:: read_one()
		od
	} unless {
		atomic {
			consumer_dies ->
			d_step {
				consumer_dies = false;
				forget_reading();
				reader = 0
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
	:: i < CELLS -> LOSE(data, i); i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < COPIES -> LOSE(slot, i); i++
	:: else -> break
	od;
	i = 0
}

/* The heir's writes in flight are done before its lock is given up. */
inline heir_landed()
{
	i = 0;
	do
	:: i < CELLS ->
		if
		:: b_epoch[data.vis[i]] > 1 -> data.fly[i] = 0
		:: else
		fi;
		i++
	:: else -> break
	od;
	i = 4;
	do
	:: i < COPIES -> slot.fly[i] = 0; i++
	:: else -> break
	od;
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
			zombie_dies = true;
			heir_dies = true;
			consumer_dies = true
		}
	:: kills < KILLS ->
		atomic {
			kills++;
			d_step { heir_landed() };
			heir_dies = true
		}
	:: losses == POWER && kills == KILLS -> break
	od
}

#ifdef REACH
/* The zombie's last write came late, and the heir's batch was delivered. */
#define GOAL (losses == POWER && recovered == 2 && seen[4] > ZOMBIE_BATCHES && \
	      data.vis[2] != 0 && b_epoch[data.vis[2]] == 1)
proctype claim() { GOAL -> assert(false) }
#endif

init
{
	atomic {
		slot.vis[2] = SLOT(1, 1, 0, 0);
		slot.dur[2] = slot.vis[2];
		slot.vis[3] = SLOT(1, 1, 0, 0);
		slot.dur[3] = slot.vis[3];
		starts[2] = NONE;
		starts[3] = NONE;
		starts[4] = NONE;
		ends[2] = NONE;
		ends[3] = NONE;
		ends[4] = NONE;
		recovered = NONE;
		run zombie();
		run heir();
		run consumer();
		run fate();
#ifdef REACH
		run claim()
#endif
	}
}

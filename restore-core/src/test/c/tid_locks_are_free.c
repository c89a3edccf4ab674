/* SPDX-License-Identifier: Apache-2.0
 * Nothing is stored while a lock is held that knows its owner by his tid, or while a thread is about to take it.
 */
#include "engine/engine.h"
#include "quiesce/tid_locks.h"
#include "restore/threads.h"

#include "check.h"

#define SECOND_NS	1000000000ull
#define OBJECT_BYTES	48u
#define HINTS		16u		/* attempts that a mere hint can cost */

int failures;

enum stand { BESIDE, HOLDING, HOLDING_FOR_EVER, WITH_ITS_ADDRESS, WITH_ITS_TID, WITH_ANOTHER_TID };

static struct {
	uint64_t vm_owner;
	uint32_t lock, count, owner;
} object;
static struct engine_thread other;
static uint32_t stands, leave;		/* the second is one from when on the thread may end */
static enum stand how;
static uint64_t runs, locked_runs;

extern const char spinning[], spinning_end[];

/* Its two registers are all that can be seen of it. */
static void spin(uint64_t rax, uint64_t r15)
{
	register uint64_t other_register asm("r15") = r15;

	asm volatile("spinning: movl $1, %1\n\tpause\n\tcmpl $0, %0\n\tje spinning\nspinning_end:" : "+m"(leave), "=m"(stands)
		     : "a"(rax), "r"(other_register));
}

static void stand(void *data)
{
	bool free_it = how == HOLDING;

	(void)data;
	if (how == HOLDING || how == HOLDING_FOR_EVER) {
		object.owner = (uint32_t)sys_gettid();
		__atomic_store_n(&object.lock, 1, __ATOMIC_RELEASE);
	}
	if (free_it)
		__atomic_store_n(&stands, 1, __ATOMIC_RELEASE);
	while (free_it && __atomic_load_n(&engine->quiesce.retries, __ATOMIC_ACQUIRE) < 3 && !__atomic_load_n(&leave, __ATOMIC_ACQUIRE))
		;
	if (free_it)
		__atomic_store_n(&object.lock, 0, __ATOMIC_RELEASE);
	spin(how == WITH_ITS_TID ? (uint64_t)sys_gettid() : 0, how == WITH_ITS_ADDRESS ? (uint64_t)&object.vm_owner : 0);
	SYSCALL1(__NR_exit, 0);
}

static void run(void *data)
{
	(void)data;
	runs++;
	locked_runs += object.lock != 0;
}

/* wanted: attempts given up for what it seems about to take. */
static void expect(const char *name, enum stand stands_how, bool stores, uint64_t timeout_ns, enum quiesce_result expected, uint32_t wanted)
{
	struct quiesce *q = &engine->quiesce;
	struct thaw_tid_place places[] = {
		{ .kind = TID_LOCK, .start = (uint64_t)&object, .bytes = OBJECT_BYTES, .mutex = (uint64_t)&object.lock, .name = "object" },
		{ .kind = TID_CODE, .start = (uint64_t)spinning, .bytes = (uint64_t)(spinning_end - spinning) },
	};
	enum quiesce_result result;

	how = stands_how;
	runs = locked_runs = 0;
	stands = leave = 0;
	MUST(thaw_tid_places(places, 2));
	threads_start_engine(&other, "other", stand, 0);
	MUST(other.tid);
	while (!__atomic_load_n(&stands, __ATOMIC_ACQUIRE))
		;
	result = quiesce_and_run(run, NULL, stores, timeout_ns);
	CHECK(result == expected, "%s: %d", name, result);
	CHECK(q->wanted_retries == wanted, "%s: %u attempts given up", name, q->wanted_retries);
	CHECK(runs == (expected == QUIESCE_RAN), "%s: %lu runs", name, runs);
	CHECK(locked_runs == (stores ? 0 : runs), "%s: %lu runs with the lock held", name, locked_runs);
	if (expected == QUIESCE_TID_LOCK)
		CHECK(q->held && q->held->mutex == places[0].mutex && q->owner == object.owner, "%s: %u", name, q->owner);
	__atomic_store_n(&leave, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&other.tid, __ATOMIC_ACQUIRE))
		;
	object.lock = 0;
}

int main(void)
{
	engine = engine_new(ZONE_MEMORY);
	MUST(engine ? 0 : -ENOMEM);
	expect("beside", BESIDE, true, 30 * SECOND_NS, QUIESCE_RAN, 0);
	expect("holding", HOLDING, true, 30 * SECOND_NS, QUIESCE_RAN, 0);
	expect("holding for ever", HOLDING_FOR_EVER, true, SECOND_NS, QUIESCE_TID_LOCK, 0);
	expect("holding, nothing is stored", HOLDING_FOR_EVER, false, 30 * SECOND_NS, QUIESCE_RAN, 0);
	expect("with its address", WITH_ITS_ADDRESS, true, 30 * SECOND_NS, QUIESCE_RAN, HINTS);
	expect("with its tid", WITH_ITS_TID, true, 30 * SECOND_NS, QUIESCE_RAN, HINTS);
	expect("with another tid", WITH_ANOTHER_TID, true, 30 * SECOND_NS, QUIESCE_RAN, 0);
	return failures != 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/inject.h"

#include "engine/engine.h"

bool inject(enum injection which)
{
	struct injections *i = &engine->fault.injections;
	uint64_t x;

	if (!(i->wanted & which))
		return false;
	/* splitmix64 */
	x = __atomic_add_fetch(&i->draws, 1, __ATOMIC_RELAXED) * 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	if ((x ^ x >> 31) % 8)
		return false;
	__atomic_fetch_add(&i->made, 1, __ATOMIC_RELAXED);
	return true;
}

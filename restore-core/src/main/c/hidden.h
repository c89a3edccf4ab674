/* SPDX-License-Identifier: Apache-2.0
 * The Makefile includes this first into every freestanding C file. -fvisibility=hidden covers definitions
 * only; this covers declarations, too, so that gcc reaches everything relative to the instruction pointer.
 * Without it the address of a function from another file goes through the GOT, which ld cannot shorten
 * above 2 GB ("failed to convert GOTPCREL relocation"), and the launcher is linked there.
 * What Java shall find in libthaw.so is declared between visibility push(default) and pop.
 */
#pragma GCC visibility push(hidden)

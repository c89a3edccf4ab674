/* SPDX-License-Identifier: Apache-2.0
 * A library with a state of its own.
 */
int count_up(void);

int count_up(void)
{
	static int count;

	return ++count;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The version this was built as: `strings`, gdb and Java (by dlsym) can ask. */
#pragma GCC visibility push(default)
extern const char thaw_version[];
#pragma GCC visibility pop

const char thaw_version[] = THAW_VERSION;

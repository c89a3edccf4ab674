// SPDX-License-Identifier: Apache-2.0
/* Says whether a userfaultfd is to be had by the system call and by the device. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IOC_NEW 0xaa00
#define USER_MODE_ONLY 1

static void tell(const char *what, long result)
{
	printf("%s: %s\n", what, result >= 0 ? "fine" : strerror(errno));
}

int main(void)
{
	int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);

	tell("syscall", syscall(SYS_userfaultfd, O_CLOEXEC | USER_MODE_ONLY));
	tell("device", device < 0 ? -1 : ioctl(device, IOC_NEW, O_CLOEXEC));
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 * userfaultfd(2), ioctl_userfaultfd(2), Documentation/admin-guide/mm/userfaultfd.rst
 */
#include "track/track.h"

static int open_any(uint32_t *ret_mode)
{
	int fd = sys_userfaultfd(O_CLOEXEC | O_NONBLOCK), device;

	*ret_mode = UFFD_FULL;
	if (fd >= 0 || (fd != -EPERM && fd != -EACCES))
		return fd;
	device = sys_open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
	if (device >= 0) {
		fd = (int)sys_ioctl(device, USERFAULTFD_IOC_NEW, (void *)(uint64_t)(O_CLOEXEC | O_NONBLOCK));
		sys_close(device);
		if (fd >= 0)
			return fd;
	}
	*ret_mode = UFFD_USER;
	return sys_userfaultfd(O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
}

int uffd_open(uint64_t features, uint32_t *ret_mode)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = open_any(ret_mode), error;

	if (fd < 0) {
		*ret_mode = UFFD_NONE;
		return fd;
	}
	error = (int)sys_ioctl(fd, UFFDIO_API, &api);
	if (error) {			/* before Linux 6.7: no WP_ASYNC */
		sys_close(fd);
		*ret_mode = UFFD_NONE;
		return error;
	}
	return fd;
}

int uffd_register(int uffd, uint64_t start, uint64_t end, uint64_t mode)
{
	struct uffdio_register r = { .range = { start, end - start }, .mode = mode };

	return (int)sys_ioctl(uffd, UFFDIO_REGISTER, &r);
}

int uffd_unprotect(int uffd, uint64_t start, uint64_t end)
{
	struct uffdio_writeprotect w = { .range = { start, end - start }, .mode = 0 };

	return (int)sys_ioctl(uffd, UFFDIO_WRITEPROTECT, &w);
}

int uffd_protect(int uffd, uint64_t start, uint64_t end)
{
	struct uffdio_writeprotect w = { .range = { start, end - start }, .mode = UFFDIO_WRITEPROTECT_MODE_WP };

	return (int)sys_ioctl(uffd, UFFDIO_WRITEPROTECT, &w);
}

// SPDX-License-Identifier: Apache-2.0
/* Compiled by the tests for ForkAndWrite. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static long sum_of(const signed char *bytes, long length)
{
	unsigned long sum = 0;

	for (long i = 0; i < length; i++)
		sum = sum * 31 + (unsigned long)(long)bytes[i];
	return (long)sum;
}

/* The sum as a forked child sees the memory; -1 when it could not tell. */
long forked_sum(const signed char *bytes, long length)
{
	int ends[2];
	long sum = -1;
	pid_t child;
	int status;

	if (pipe(ends) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		sum = sum_of(bytes, length);
		_exit(write(ends[1], &sum, sizeof(sum)) == sizeof(sum) ? 17 : 18);
	}
	close(ends[1]);
	if (child < 0 || read(ends[0], &sum, sizeof(sum)) != sizeof(sum))
		sum = -1;
	close(ends[0]);
	if (child > 0) {
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 17)
			sum = -1;
	}
	return sum;
}

/* Bytes written before the first failure; -errno when there were none. */
long write_all(const char *path, const char *bytes, long length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	long done = 0;
	long error = 0;

	if (fd < 0)
		return -errno;
	while (done < length && error == 0) {
		ssize_t written = write(fd, bytes + done, (size_t)(length - done));

		if (written > 0)
			done += written;
		else if (written < 0 && errno != EINTR)
			error = errno;
	}
	close(fd);
	return done > 0 || error == 0 ? done : -error;
}

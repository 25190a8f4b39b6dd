"""Waits for many descriptors at once and calls back for each that is ready."""

import select

READ = select.EPOLLIN
WRITE = select.EPOLLOUT
FAILED = select.EPOLLERR
HUNG_UP = select.EPOLLHUP


class Loop:
    def __init__(self):
        self.poll = select.epoll()
        self.callbacks = {}
        self.polled = set()

    def watch(self, fd, callback, events=READ):
        """Calls `callback(events)`; may be repeated with other events.

        What waits for nothing is not polled: the kernel would report its hang-up forever.
        """
        self.callbacks[fd] = callback
        if fd in self.polled:
            if events:
                self.poll.modify(fd, events)
            else:
                self.poll.unregister(fd)
                self.polled.discard(fd)
        elif events:
            self.poll.register(fd, events)
            self.polled.add(fd)

    def forget(self, fd):
        """Before the descriptor is closed."""
        self.watch(fd, None, 0)
        del self.callbacks[fd]

    def turn(self):
        for fd, events in self.poll.poll():
            callback = self.callbacks.get(fd)
            if callback is not None:
                callback(events)

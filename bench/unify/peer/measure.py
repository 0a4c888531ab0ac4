"""What the phases of this process cost."""

import resource
import time


class Phases:
    """CPU seconds (user and system) and wall seconds of each phase."""

    def __init__(self):
        self.phases = []
        self.mark = self.now()

    @staticmethod
    def now():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime, time.perf_counter()

    def end(self, name):
        cpu, wall = self.now()
        self.phases.append({"phase": name, "cpu": cpu - self.mark[0], "wall": wall - self.mark[1]})
        self.mark = (cpu, wall)

    @staticmethod
    def peak():
        """The most memory that was resident so far, in bytes."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

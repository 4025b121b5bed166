"""The most memory that a program held. A child's `ru_maxrss` begins with what its parent held, so it is not used."""

PEAK = 'int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) // 1024'  # of itself, in MB

// How many files this process may have open, and the kernel's table of them. A server needs both to
// be large before it begins: each connection is a descriptor.
#pragma once

#include <sys/resource.h>

#include <optional>

namespace baton {

// The soft limit of RLIMIT_NOFILE up to the hard one: the usual 1,024 is there for select(2).
// Returns what was given, or nothing where it can't be read, and then changes nothing.
std::optional<rlimit> raise_open_file_limit();

// Makes the kernel's table of descriptors large enough for 16,384 (or for the limit, if that is
// lower): 132 KiB of kernel memory. Otherwise it begins with 64 and is doubled when it is full, and
// when threads share it each doubling waits for an RCU grace period first (expand_files() in
// fs/file.c): ten milliseconds and more in which no thread can accept or receive a descriptor.
// A table never shrinks, and survives execve(2). So: call it while there is one thread. Makes
// async-signal-safe calls only. Where it fails, nothing is lost but time.
void enlarge_descriptor_table();

}  // namespace baton

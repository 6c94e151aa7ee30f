// What a test must not leave behind. Makes the test process the one to which orphans of its
// descendants fall (prctl(2), PR_SET_CHILD_SUBREAPER), so that a worker which outlives its batond
// can't hide.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace baton::testing {

// Call it before the first child is started.
void adopt_orphans();

// Every child that we have now, dead or alive, each as "1234 (name) state"; reaps and kills them.
std::vector<std::string> take_leftover_processes();

// How many file descriptors a process has open.
std::size_t open_fds(pid_t pid);
// Its resident memory that is its own (RssAnon of proc(5)), in KiB.
std::size_t private_memory_kib(pid_t pid);
// Sanitizers keep what is freed: how much memory a process needs can't be seen then.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool memory_is_real = false;
#else
inline constexpr bool memory_is_real = true;
#endif
// How often it has gone to sleep because it waited for something.
std::size_t times_slept(pid_t pid);
// Sends a signal to one process. Through a pidfd, so that no number whatsoever (a -1 that a failed
// look-up returned, for one) can mean "everybody" as it does to kill(2). Throws Failure.
void signal_process(pid_t pid, int number);
// Its living children.
std::vector<pid_t> children_of(pid_t pid);
// The effective user id, and the supplementary groups as they stand in proc(5).
std::string proc_status(pid_t pid, const std::string& field);

}  // namespace baton::testing

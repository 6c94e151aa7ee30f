// How often this process has asked for memory: malloc(3) and its kin, which operator new and Asio
// call. A program that links this counts; any thread.
#pragma once

#include <cstdint>

namespace baton::http::testing {

// By all threads but those that are left out.
std::uint64_t allocations();
// The calling thread, from now on.
void leave_this_thread_out();

}  // namespace baton::http::testing

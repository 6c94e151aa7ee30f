#include "tests/unit/worker/http/allocation_count.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>

namespace baton::http::testing {
namespace {

std::atomic<std::uint64_t> count = 0;
thread_local bool is_left_out = false;

void note() {
  if (!is_left_out) count.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

std::uint64_t allocations() {
  return count.load();
}

void leave_this_thread_out() {
  is_left_out = true;
}

}  // namespace baton::http::testing

using baton::http::testing::note;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

// The sanitizer's own malloc can't be replaced, but it tells: <sanitizer/allocator_interface.h>,
// which GCC does not bring.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*,
                                                                             std::size_t),
                                                         void (*free_hook)(const volatile void*));

[[maybe_unused]] static const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { note(); }, [](const volatile void*) {});

#else

// In place of the C library's (malloc(3), "Replacing malloc" in the glibc manual).
extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  note();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  note();
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  note();
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  note();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  note();
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}

}  // extern "C"

#endif

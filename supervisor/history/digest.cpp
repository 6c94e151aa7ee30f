#include "supervisor/history/digest.hpp"

#include "common/unique_fd.hpp"

#include <openssl/evp.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <thread>
#include <vector>

namespace baton::history {
namespace {

constexpr off_t most_bytes = off_t{1} << 30;
constexpr std::size_t block = 256 * 1024;
constexpr std::size_t most_known = 64;

std::string hexadecimal(const unsigned char* bytes, unsigned size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 15U];
  }
  return text;
}

Result<std::string> digest_of(const UniqueFd& fd) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::vector<char> bytes(block);
  for (;;) {
    const ssize_t count = ::read(fd.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read", errno);
    if (count == 0) break;
    EVP_DigestUpdate(context.get(), bytes.data(), static_cast<std::size_t>(count));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  return "sha256:" + hexadecimal(digest.data(), size);
}

// On a thread that steps back: nobody waits for a digest, so what serves must not wait for the
// processor because of it.
Result<std::string> unhurried_digest_of(const UniqueFd& fd) {
  constexpr int nice = 10;
  Result<std::string> digest = std::string();
  std::thread([&] {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice);
    digest = digest_of(fd);
  }).join();
  return digest;
}

}  // namespace

Result<std::string> ProgramDigests::of(const std::filesystem::path& file) {
  const auto fail = [&](int number) {
    return system_error("cannot read " + file.string(), number);
  };
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return fail(errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return fail(errno);
  if (!S_ISREG(status.st_mode)) {
    return Error{Errc::invalid_input, file.string() + " is not a regular file"};
  }
  if (status.st_size > most_bytes) {
    return Error{Errc::too_large, file.string() + " is larger than 1 GiB"};
  }
  const FileVersion version{static_cast<std::int64_t>(status.st_dev),
                            static_cast<std::int64_t>(status.st_ino), status.st_size,
                            status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
  if (const auto known = known_.find(version); known != known_.end()) return known->second;
  auto digest = unhurried_digest_of(fd);
  if (!digest) return Error{digest.error().code, file.string() + ": " + digest.error().message};
  if (known_.size() >= most_known) known_.clear();
  return known_[version] = std::move(*digest);
}

}  // namespace baton::history

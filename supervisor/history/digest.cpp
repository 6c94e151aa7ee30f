#include "supervisor/history/digest.hpp"

#include "common/unique_fd.hpp"

#include <openssl/evp.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

namespace baton::history {
namespace {

constexpr off_t most_bytes = off_t{1} << 30;
constexpr std::size_t block = 256 * 1024;

std::string hexadecimal(const unsigned char* bytes, unsigned size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 15U];
  }
  return text;
}

}  // namespace

Result<std::string> program_digest(const std::filesystem::path& file) {
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
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::vector<char> bytes(block);
  for (;;) {
    const ssize_t count = ::read(fd.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(errno);
    if (count == 0) break;
    EVP_DigestUpdate(context.get(), bytes.data(), static_cast<std::size_t>(count));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  return "sha256:" + hexadecimal(digest.data(), size);
}

}  // namespace baton::history

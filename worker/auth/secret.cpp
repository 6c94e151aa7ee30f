#include "worker/auth/secret.hpp"

#include "common/unique_fd.hpp"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace baton::auth {

Result<Secret> Secret::from_text(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  Secret secret(std::move(text));
  const std::size_t size = secret.bytes_.size();
  if (size < least_bytes || size > most_bytes) {
    return Error{Errc::invalid_input,
                 "the token secret has " + std::to_string(size) +
                     " bytes; it needs 32 to 4096: head -c 48 /dev/urandom | base64 -w0"};
  }
  return secret;
}

Result<Secret> Secret::from_file(const std::filesystem::path& file) {
  const std::string name = "the secret file " + file.string();
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error("cannot open " + name, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_error("cannot read " + name, errno);
  if (status.st_mode & S_IRWXO) {
    return Error{Errc::not_permitted, name + " is open to every user; chmod o= it"};
  }
  // One byte more than a secret and its newline may have, so that a longer file is seen as such.
  std::string text(most_bytes + 2, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(fd.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot read " + name, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  text.resize(size);
  return from_text(std::move(text));
}

Result<Secret> Secret::from_environment() {
  char* const value = std::getenv(variable);
  if (!value) {
    return Error{
        Errc::not_found,
        std::string("there is no token secret: give --secret-file FILE or set ") + variable};
  }
  std::string text = value;
  ::explicit_bzero(value, text.size());  // /proc/PID/environ shows it otherwise
  ::unsetenv(variable);
  return from_text(std::move(text));
}

Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_) {
  ::explicit_bzero(other.bytes_.data(), other.bytes_.size());
  other.bytes_.clear();
}

Secret::~Secret() {
  ::explicit_bzero(bytes_.data(), bytes_.size());
}

}  // namespace baton::auth

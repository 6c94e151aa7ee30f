#include "tests/support/temp_dir.hpp"

#include "common/result.hpp"

#include <stdlib.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace baton::testing {

TempDir::TempDir() {
  std::string pattern = "/tmp/baton-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw Failure(system_error("mkdtemp", errno));
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc | std::ios::binary);
  file << text;
  if (!file.flush()) throw Failure(system_error("write " + path.string(), errno));
}

void write_script(const std::filesystem::path& path, const std::string& text) {
  write_file(path, text);
  std::filesystem::permissions(path, std::filesystem::perms{0755});
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace baton::testing

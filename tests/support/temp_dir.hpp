// A private directory for one test, removed with all that is in it. Its path is short, so that Unix
// sockets fit in it (sun_path has 108 bytes).
#pragma once

#include <filesystem>
#include <string>

namespace baton::testing {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

void write_file(const std::filesystem::path& path, const std::string& text);
// An executable file.
void write_script(const std::filesystem::path& path, const std::string& text);
// Empty when there is no such file.
std::string read_file(const std::filesystem::path& path);

}  // namespace baton::testing

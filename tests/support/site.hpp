// What one batond of a test stands on, all of it in a private directory: a config file, releases
// with a worker in each, and the "current" link that a deploy follows.
#pragma once

#include "tests/support/temp_dir.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace baton::testing {

struct ServiceText {
  std::vector<std::string> listeners{"web"};
  unsigned workers = 1;
  std::string ready_timeout = "20s";  // long enough for the slowest sanitizer on a busy machine
  std::string drain_timeout = "20s";
  std::string kill_grace = "5s";
  std::string more;  // lines of TOML
};

class Site {
 public:
  Site();

  const std::filesystem::path& path() const { return dir_.path(); }
  std::filesystem::path config_file() const { return dir_ / "baton.toml"; }
  std::filesystem::path runtime_dir() const { return dir_ / "run"; }
  std::filesystem::path control_socket() const { return runtime_dir() / "control.sock"; }
  std::filesystem::path release(const std::string& name) const { return dir_ / "releases" / name; }

  // The config: change it, then write it.
  std::string supervisor_lines;                                          // more of [supervisor]
  std::map<std::string, std::string> listeners{{"web", "127.0.0.1:0"}};  // name, address
  std::map<std::string, ServiceText> services{{"app", {}}};
  void write_config() const;

  // A release whose bin/worker becomes this command (the worker of all services of the site).
  void add_release(const std::string& name, const std::vector<std::string>& command) const;
  // A release that runs the scripted worker with these arguments.
  void add_scripted(const std::string& name, const std::vector<std::string>& arguments = {}) const;
  // Atomically, as a deployment tool does it. All services follow the same link.
  void use(const std::string& release) const;

 private:
  TempDir dir_;
};

}  // namespace baton::testing

#include "tests/support/site.hpp"

#include "tests/support/child.hpp"

namespace baton::testing {
namespace {

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

std::string list(const std::vector<std::string>& texts) {
  std::string result;
  for (const auto& text : texts)
    result += (result.empty() ? "" : ", ") + quoted(text);
  return "[" + result + "]";
}

std::string for_shell(const std::string& word) {
  std::string result = "'";
  for (const char c : word)
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

}  // namespace

Site::Site() {
  std::filesystem::create_directories(dir_ / "releases");
  std::filesystem::create_directories(dir_ / "state");
}

void Site::write_config() const {
  std::string text = "[supervisor]\nruntime_dir = " + quoted(runtime_dir()) +
                     "\nstate_dir = " + quoted(dir_ / "state") + "\nlog_format = \"json\"\n" +
                     supervisor_lines + "\n";
  for (const auto& [name, address] : listeners)
    text += "\n[listeners." + name + "]\naddress = " + quoted(address) + "\n";
  for (const auto& [name, service] : services) {
    text += "\n[services." + name +
            "]\ncommand = [\"bin/worker\"]\ndirectory = " + quoted(dir_ / "current") +
            "\nlisteners = " + list(service.listeners) +
            "\nworkers = " + std::to_string(service.workers) +
            "\nready_timeout = " + quoted(service.ready_timeout) +
            "\ndrain_timeout = " + quoted(service.drain_timeout) +
            "\nkill_grace = " + quoted(service.kill_grace) + "\n" + service.more + "\n";
  }
  write_file(config_file(), text);
}

void Site::add_release(const std::string& name, const std::vector<std::string>& command) const {
  std::filesystem::create_directories(release(name) / "bin");
  std::string line = "exec";
  for (const auto& word : command)
    line += " " + for_shell(word);
  write_script(release(name) / "bin/worker", "#!/bin/sh\n" + line + "\n");
}

void Site::add_scripted(const std::string& name, const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{program("scripted-worker")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  add_release(name, command);
}

void Site::use(const std::string& name) const {
  const auto next = dir_ / "current.next";
  std::filesystem::create_symlink(release(name), next);
  std::filesystem::rename(next, dir_ / "current");
}

}  // namespace baton::testing

// From the text of a config file to its values; each kind of table has a file of its own.
#include "supervisor/config/key_depth.hpp"
#include "supervisor/config/table_reader.hpp"
#include "supervisor/config/tables.hpp"

#include <algorithm>
#include <variant>

namespace baton::config {
namespace {

constexpr std::size_t longest_name = 64;

// Names appear in logs, on command lines and in paths of the admin API.
bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= longest_name &&
         std::all_of(text.begin(), text.end(), allowed);
}

// Calls `read` for each table [SECTION.NAME].
template <class Read>
void each_named(const toml::table* section, const std::string& section_name, ProblemList& problems,
                Read read) {
  if (!section) return;
  for (const auto& [key, node] : *section) {
    const std::string name{key.str()};
    if (!is_name(name)) {
      problems.add(key.source().begin, "bad name '" + name + "' in [" + section_name +
                                           "]: a name is 1 to 64 of a-z, 0-9, '_' and '-'");
    } else if (const toml::table* const table = node.as_table()) {
      read(name, *table);
    } else {
      problems.add(node.source().begin, "[" + section_name + "." + name + "] must be a table");
    }
  }
}

// Also those that are wrong in themselves: who refers to them makes no mistake.
std::vector<std::string> names_in(const toml::table* section) {
  std::vector<std::string> names;
  if (!section) return names;
  for (const auto& [key, node] : *section)
    names.emplace_back(key.str());
  return names;
}

// With port 0 each listener gets a port of its own. (So has the address of one that is wrong.)
bool can_be_shared(const net::Address& address) {
  const auto* const v4 = std::get_if<net::Ipv4Address>(&address);
  const auto* const v6 = std::get_if<net::Ipv6Address>(&address);
  return (v4 && v4->port == 0) || (v6 && v6->port == 0);
}

void check_addresses(const toml::table& section, const std::map<std::string, Listener>& listeners,
                     ProblemList& problems) {
  std::map<std::string, std::string> owners;
  for (const auto& [name, listener] : listeners) {
    if (can_be_shared(listener.address)) continue;
    const std::string address = net::format_address(listener.address);
    const auto [owner, is_first] = owners.emplace(address, name);
    if (is_first) continue;
    problems.add(section[name].node()->source().begin, "[listeners." + name +
                                                           "] has the same address as [listeners." +
                                                           owner->second + "]: " + address);
  }
}

Config read_config(const toml::table& root, ProblemList& problems) {
  TableReader reader(root, "the file", problems);
  Config config;
  config.supervisor = read_supervisor(reader.table("supervisor"), problems);

  const toml::table* const listeners = reader.table("listeners");
  each_named(listeners, "listeners", problems,
             [&](const std::string& name, const toml::table& table) {
               config.listeners.emplace(name, read_listener(name, table, problems));
             });
  if (listeners) check_addresses(*listeners, config.listeners, problems);

  const std::vector<std::string> listener_names = names_in(listeners);
  const toml::table* const services = reader.table("services");
  each_named(services, "services", problems,
             [&](const std::string& name, const toml::table& table) {
               config.services.emplace(name, read_service(name, table, listener_names, problems));
             });
  if (services) check_canary_listeners(*services, config, problems);
  reader.finish();
  if (names_in(services).empty()) {
    problems.add("there is no service; add a [services.NAME] table");
  }
  return config;
}

}  // namespace

Loaded parse(std::string_view text, const std::string& file) {
  ProblemList problems(file);
  if (const auto deep = too_deep_key(text)) {
    problems.add({deep->line, deep->column},
                 "a key has more than " + std::to_string(most_key_parts) + " parts");
    return problems.sorted();
  }
  try {
    const toml::table root = toml::parse(text, file);
    Config config = read_config(root, problems);
    if (problems.empty()) return config;
  } catch (const toml::parse_error& error) {
    problems.add(error.source().begin, error.description());
  }
  return problems.sorted();
}

}  // namespace baton::config

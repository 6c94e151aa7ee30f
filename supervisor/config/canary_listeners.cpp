#include "supervisor/config/tables.hpp"

#include <algorithm>
#include <variant>

namespace baton::config {
namespace {

bool uses(const Service& service, const std::string& listener) {
  return std::find(service.listeners.begin(), service.listeners.end(), listener) !=
         service.listeners.end();
}

// Why the kernel can't split a listener for one service alone; empty if it can.
std::string why_not_split(const Service& service, const std::string& name, const Config& config) {
  const auto listener = config.listeners.find(name);
  if (listener == config.listeners.end()) return "";
  const std::string table = "[listeners." + name + "]";
  if (std::holds_alternative<net::UnixAddress>(listener->second.address)) {
    return table + ", a Unix socket: the kernel splits TCP connections only";
  }
  for (const auto& [other_name, other] : config.services) {
    if (other_name == service.name || !uses(other, name)) continue;
    return table + ", which [services." + other_name +
           "] shares: its connections would be split too; give each a listener of its own";
  }
  return "";
}

}  // namespace

void check_canary_listeners(const toml::table& services, const Config& config,
                            ProblemList& problems) {
  for (const auto& [name, service] : config.services) {
    if (service.policy.canary.empty()) continue;
    for (const std::string& listener : service.listeners) {
      const std::string reason = why_not_split(service, listener, config);
      if (reason.empty()) continue;
      problems.add(services[name]["canary"].node()->source().begin,
                   "'canary' in [services." + name + "] can't split " + reason);
    }
  }
}

}  // namespace baton::config

#include "supervisor/config/table_reader.hpp"
#include "supervisor/config/tables.hpp"

namespace baton::config {
namespace {

// net.core.somaxconn caps it further (listen(2)); what is larger can't be meant.
constexpr std::int64_t longest_backlog = 65'535;

}  // namespace

Listener read_listener(const std::string& name, const toml::table& table, ProblemList& problems) {
  TableReader reader(table, "[listeners." + name + "]", problems);
  Listener listener;
  listener.name = name;
  if (const auto text = reader.text("address", TableReader::Need::required)) {
    const auto address = net::parse_address(*text);
    if (address) {
      listener.address = *address;
    } else {
      reader.complain("address", address.error().message);
    }
  }
  const auto backlog = reader.number("backlog", 1, longest_backlog);
  listener.backlog = static_cast<int>(backlog.value_or(listener.backlog));
  reader.finish();
  return listener;
}

}  // namespace baton::config

// What a waiting operation shows of a service on a terminal: a line for the deploy, and one for
// each generation, with a bar for its share of the new connections, or for what it still has to
// drain. No I/O; it only remembers how much there was to drain. One thread.
#pragma once

#include "common/admin/api.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace baton::ctl {

class LiveView {
 public:
  // Plain ASCII, none longer than `columns`. Nothing where nothing goes on.
  std::vector<std::string> draw(const admin::ServiceStatus& service, std::size_t columns);

 private:
  std::string draw(const admin::GenerationStatus& generation);

  std::map<std::uint64_t, std::uint64_t> most_connections_;  // by generation
};

}  // namespace baton::ctl

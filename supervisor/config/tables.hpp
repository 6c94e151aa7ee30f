// The schema of the config file: each function reads one kind of table, reports what is wrong with
// it, and returns it with defaults in the place of what is wrong.
#pragma once

#include "supervisor/config/config.hpp"
#include "supervisor/config/problem_list.hpp"

namespace baton::config {

// Without a table: the defaults, which depend on the user (XDG Base Directory Specification).
Supervisor read_supervisor(const toml::table* table, ProblemList& problems);

Listener read_listener(const std::string& name, const toml::table& table, ProblemList& problems);

// `listeners` holds the names that the service may use.
Service read_service(const std::string& name, const toml::table& table,
                     const std::vector<std::string>& listeners, ProblemList& problems);

}  // namespace baton::config

// The schema of the config file: each function reads one kind of table, reports what is wrong with
// it, and returns it with defaults in the place of what is wrong.
#pragma once

#include "supervisor/config/config.hpp"
#include "supervisor/config/problem_list.hpp"

namespace baton::config {

class TableReader;

// Without a table: the defaults, which depend on the user (XDG Base Directory Specification).
Supervisor read_supervisor(const toml::table* table, ProblemList& problems);

Listener read_listener(const std::string& name, const toml::table& table, ProblemList& problems);

// `listeners` holds the names that the service may use.
Service read_service(const std::string& name, const toml::table& table,
                     const std::vector<std::string>& listeners, ProblemList& problems);

// The keys of a service that guard its deploys: what a new generation must pass, how it gets its
// share of the traffic, and when it is rolled back.
void read_guards(TableReader& reader, Service& service, ProblemList& problems);
void read_health(TableReader& reader, Service& service, ProblemList& problems);

// Reports each listener of a service with a canary that can't be split for it. `services` is the
// section that `config` was read from.
void check_canary_listeners(const toml::table& services, const Config& config,
                            ProblemList& problems);

}  // namespace baton::config

// A command line option that takes a duration: "--timeout 30s". One that can't be read is a usage
// error with parse_duration()'s own words.
#pragma once

#include "common/duration.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>

namespace baton::ctl {

inline void add_duration(CLI::App& verb, const std::string& name,
                         const std::shared_ptr<std::optional<Duration>>& value,
                         const std::string& description) {
  verb.add_option_function<std::string>(
          name,
          [value, name](const std::string& text) {
            const auto parsed = parse_duration(text);
            if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
            *value = *parsed;
          },
          description)
      ->type_name("DURATION");
}

}  // namespace baton::ctl

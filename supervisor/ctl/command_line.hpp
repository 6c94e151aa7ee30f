// batonctl as a function: arguments in, output and exit code out. What tests call.
#pragma once

#include "supervisor/ctl/exit_code.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace baton::ctl {

// `arguments` without the program's name.
ExitCode run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace baton::ctl

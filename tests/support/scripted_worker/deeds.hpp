// Does the deeds of a script.
#pragma once

#include "common/unique_fd.hpp"
#include "tests/support/scripted_worker/script.hpp"

#include <string>

namespace baton::testing {

enum class Then { go_on, mute };

// Everything that the script has for `moment`. May not return. `channel` is borrowed.
Then do_deeds(const Script& script, const std::string& moment, const UniqueFd& channel);

}  // namespace baton::testing

// The time of day, as something that is handed in: a test gives a clock of its own. Called from any
// thread.
#pragma once

#include <chrono>
#include <functional>

namespace baton {

using WallClock = std::function<std::chrono::system_clock::time_point()>;

}  // namespace baton

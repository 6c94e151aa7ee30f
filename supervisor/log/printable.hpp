// Makes bytes from anywhere safe to show: on a terminal, in a log line, in JSON. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baton::log {

// Valid UTF-8 on one line. Each byte that is not part of well-formed UTF-8 (RFC 3629) becomes
// U+FFFD; control characters (C0, DEL and C1, which drive terminals) become "\x1b"; a tab stays.
std::string printable(std::string_view bytes);

// How much of what a worker has said stands within a sentence of ours.
inline constexpr std::size_t most_quoted_bytes = 200;

}  // namespace baton::log

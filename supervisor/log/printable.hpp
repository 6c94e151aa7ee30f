// Makes bytes from anywhere safe to show: on a terminal, in a log line, in JSON. Pure.
#pragma once

#include <string>
#include <string_view>

namespace baton::log {

// Valid UTF-8 on one line. Each byte that is not part of well-formed UTF-8 (RFC 3629) becomes
// U+FFFD; control characters (C0, DEL and C1, which drive terminals) become "\x1b"; a tab stays.
std::string printable(std::string_view bytes);

}  // namespace baton::log

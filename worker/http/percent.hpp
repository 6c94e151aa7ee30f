// Percent-decoding of URLs (RFC 3986, 2.1). Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace baton::http {

// Appends the decoded text to `out`. False if an escape is broken ("%4", "%zz") or gives a control
// character: `out` is then undefined.
bool percent_decode(std::string_view text, std::string& out);

// The form of query strings: '+' is a blank, and a broken escape stands for itself.
std::string decode_query_value(std::string_view text);

}  // namespace baton::http

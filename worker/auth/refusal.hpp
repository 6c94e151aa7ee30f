// Why a token is refused: a reason for the program, and a sentence for whoever sent the token,
// which says which rule it breaks and nothing of what the rule expects.
#pragma once

#include <boost/system/result.hpp>

#include <string_view>

namespace baton::auth {

enum class Refusal {
  malformed,          // no JWS in compact form, too long, or its claims are no JSON object
  wrong_algorithm,    // not HS256; "none" and RS256 in particular
  wrong_type,         // `typ` says that it is something other than a JWT
  unknown_extension,  // `crit` demands what is not known here
  bad_signature,
  no_expiry,
  expired,
  not_yet_valid,
  wrong_issuer,
  wrong_audience,
  no_subject,
};

// "expired", "bad_signature", ...
std::string_view to_string(Refusal refusal);

// "the token has expired". Plain ASCII without quotes, fit for a header's quoted string.
std::string_view describe(Refusal refusal);

template <class T>
using Verdict = boost::system::result<T, Refusal>;

}  // namespace baton::auth

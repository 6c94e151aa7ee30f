#include "worker/auth/refusal.hpp"

namespace baton::auth {

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::malformed:
      return "malformed";
    case Refusal::wrong_algorithm:
      return "wrong_algorithm";
    case Refusal::wrong_type:
      return "wrong_type";
    case Refusal::unknown_extension:
      return "unknown_extension";
    case Refusal::bad_signature:
      return "bad_signature";
    case Refusal::no_expiry:
      return "no_expiry";
    case Refusal::expired:
      return "expired";
    case Refusal::not_yet_valid:
      return "not_yet_valid";
    case Refusal::wrong_issuer:
      return "wrong_issuer";
    case Refusal::wrong_audience:
      return "wrong_audience";
    case Refusal::no_subject:
      return "no_subject";
  }
  return "unknown";
}

std::string_view describe(Refusal refusal) {
  switch (refusal) {
    case Refusal::malformed:
      return "the token is malformed";
    case Refusal::wrong_algorithm:
      return "the token's algorithm is not allowed";
    case Refusal::wrong_type:
      return "the token is of the wrong type";
    case Refusal::unknown_extension:
      return "the token demands an extension that is not known here";
    case Refusal::bad_signature:
      return "the token's signature is wrong";
    case Refusal::no_expiry:
      return "the token has no expiry";
    case Refusal::expired:
      return "the token has expired";
    case Refusal::not_yet_valid:
      return "the token is not valid yet";
    case Refusal::wrong_issuer:
      return "the token's issuer is wrong";
    case Refusal::wrong_audience:
      return "the token's audience is wrong";
    case Refusal::no_subject:
      return "the token has no subject";
  }
  return "the token is not valid";
}

}  // namespace baton::auth

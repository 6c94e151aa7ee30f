// The middleware that lets only bearers of a valid token pass (RFC 6750).
#pragma once

#include "worker/auth/token.hpp"
#include "worker/http/exchange.hpp"

#include <memory>

namespace baton::auth {

// Sets Request::subject. Without a valid token the answer is 401 with WWW-Authenticate.
http::Middleware authorise(std::shared_ptr<const TokenVerifier> verifier);

}  // namespace baton::auth

#include "worker/auth/hmac_sha256.hpp"

#include "common/result.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace baton::auth {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

[[noreturn]] void fail() {
  throw Failure({Errc::system, "OpenSSL cannot compute an HMAC-SHA256"});
}

}  // namespace

void HmacSha256::Deleter::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

HmacSha256::HmacSha256(std::string_view key) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
  keyed_.reset(EVP_MAC_CTX_new(algorithm.get()));
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  if (!keyed_ || EVP_MAC_init(keyed_.get(), bytes_of(key), key.size(), parameters) != 1) fail();
}

HmacSha256::Mac HmacSha256::of(std::string_view message) const {
  const Context context(EVP_MAC_CTX_dup(keyed_.get()));
  Mac mac{};
  std::size_t size = 0;
  const bool done = context &&
                    EVP_MAC_update(context.get(), bytes_of(message), message.size()) == 1 &&
                    EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(mac.data()),
                                  &size, mac.size()) == 1;
  if (!done || size != mac.size()) fail();
  return mac;
}

bool HmacSha256::is_of(std::string_view message, std::string_view mac) const {
  const Mac right = of(message);
  return mac.size() == right.size() && CRYPTO_memcmp(mac.data(), right.data(), right.size()) == 0;
}

}  // namespace baton::auth

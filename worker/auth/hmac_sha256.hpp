// HMAC-SHA256 (RFC 2104) by OpenSSL, with the key's part of the work done once. Immutable, and safe
// to use from any thread. Throws Failure when OpenSSL fails, which is for want of memory.
#pragma once

#include <array>
#include <memory>
#include <string_view>

struct evp_mac_ctx_st;

namespace baton::auth {

class HmacSha256 {
 public:
  using Mac = std::array<char, 32>;

  explicit HmacSha256(std::string_view key);

  Mac of(std::string_view message) const;

  // In a time that depends on neither (but on whether `mac` has the right length).
  bool is_of(std::string_view message, std::string_view mac) const;

 private:
  struct Deleter {
    void operator()(evp_mac_ctx_st* context) const;  // wipes the key
  };
  using Context = std::unique_ptr<evp_mac_ctx_st, Deleter>;

  Context keyed_;
};

}  // namespace baton::auth

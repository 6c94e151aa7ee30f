// A client of the admin API that sends any bytes and sees every byte: what a well-behaved HTTP
// library would not let a test do. One connection; nothing waits longer than 30 s.
#pragma once

#include "common/unique_fd.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace baton::admin {

struct HttpAnswer {
  int status = 0;
  std::string allow;
  std::string content_type;
  std::string body;  // without the chunks' frames

  nlohmann::json json() const { return nlohmann::json::parse(body); }
  std::string message() const { return json().at("error").at("message"); }
  std::vector<nlohmann::json> lines() const;  // of a stream
};

class RawClient {
 public:
  // Throws Failure when it can't connect.
  explicit RawClient(const std::filesystem::path& socket);

  // All of it, or as much as the server takes before it closes.
  void send(std::string_view bytes);
  // "GET /v1/ping", and a body with its length if there is one.
  void send_request(std::string_view method_and_target, std::string_view body = {});

  // Everything up to the server's close. Throws Failure when that does not come.
  HttpAnswer read_answer();
  // Reads until what was read holds `part`; false when the server closes first.
  bool read_until(std::string_view part);
  const std::string& seen() const { return seen_; }

 private:
  bool read_some();

  UniqueFd socket_;
  std::string seen_;
};

// One request on a connection of its own.
HttpAnswer ask(const std::filesystem::path& socket, std::string_view method_and_target,
               std::string_view body = {});

}  // namespace baton::admin
